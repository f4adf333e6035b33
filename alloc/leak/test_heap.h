// A heap for the tests of this folder, with blocks that hold what a test wants.
#ifndef DBGALLOC_ALLOC_LEAK_TEST_HEAP_H_
#define DBGALLOC_ALLOC_LEAK_TEST_HEAP_H_

#include <cstddef>
#include <cstdint>

#include "alloc/heap/heap.h"
#include "dbgalloc/page_allocator.h"
#include "gtest/gtest.h"

namespace dbgalloc::leak {

class TestHeap {
 public:
  TestHeap() {
    heap_.Init(&SystemPages(), &SystemPages(), heap::HeapConfig(), nullptr);
    lane_ = heap_.LaneOf(0);
  }
  ~TestHeap() { heap_.store().ReleaseAll(); }

  // A live block of zeroes; allocations are numbered from 1.
  heap::BlockRef Make(size_t size) {
    const heap::BlockRef block = heap_.Reserve(*lane_, size, heap::kGranule);
    EXPECT_TRUE(block);
    block.record->allocated =
        heap::PackedNumber(heap_.NextNumber(*lane_), block.span->first_number);
    block.record->alloc_thread = 0;
    block.record->free_thread = 0;
    block.record->SetHead(
        heap::BlockHead(heap::BlockState::kLive, Origin::kMalloc,
                        heap::Log2Floor(heap::kGranule), size));
    for (size_t i = 0; i < size / sizeof(uintptr_t); ++i) Words(block)[i] = 0;
    return block;
  }
  void Free(const heap::BlockRef& block) {
    block.record->SetState(heap::BlockState::kFreed);
    heap_.Recede(*lane_, block);
  }

  uintptr_t Address(const heap::BlockRef& block) const {
    return heap_.UserBegin(block);
  }
  uintptr_t* Words(const heap::BlockRef& block) const {
    return reinterpret_cast<uintptr_t*>(Address(block));
  }
  static uint64_t NumberOf(const heap::BlockRef& block) {
    return block.record->allocated.From(block.span->first_number);
  }

  heap::Heap& heap() { return heap_; }

 private:
  heap::Heap heap_;
  heap::Lane* lane_ = nullptr;
};

}  // namespace dbgalloc::leak

#endif  // DBGALLOC_ALLOC_LEAK_TEST_HEAP_H_
