#include "dbgalloc/failing_allocator.h"

#include "alloc/stack/caller_frame.h"
#include "alloc/stack/stack_recorder.h"
#include "dbgalloc/page_allocator.h"

namespace dbgalloc {
namespace {

// -1 in the options: never.
uint64_t IndexOf(int64_t flag) {
  return flag < 0 ? FailingAllocator::kNever : static_cast<uint64_t>(flag);
}

}  // namespace

FailingAllocator::FailingAllocator() : FailingAllocator(SystemPages()) {}

FailingAllocator::FailingAllocator(Allocator& inner)
    : FailingAllocator(inner, Options()) {}

FailingAllocator::FailingAllocator(Allocator& inner, const Options& options)
    : inner_(inner) {
  const Options merged = Options::ForInstance(options);
  stack_trace_frames_ = static_cast<uint32_t>(merged.stack_trace_frames);
  SetFailIndex(IndexOf(merged.fail_index));
  SetResizeFailIndex(IndexOf(merged.resize_fail_index));
}

bool FailingAllocator::Gate::Take() {
  uint64_t index = next_.load();
  do {
    if (index >= limit_.load()) return false;
  } while (!next_.compare_exchange_weak(index, index + 1));
  return true;
}

// The stack of whoever called the entry point in which this stands.
#define DBGALLOC_CALLER_STACK()                                    \
  stack::RecordStack(DBGALLOC_CALLER_FRAME(), stack_trace_frames_, \
                     stack::UnwindMethod::kAuto)

void* FailingAllocator::Allocate(size_t size, size_t alignment) {
  if (!allocations_.Take()) {
    NoteFailure(false, DBGALLOC_CALLER_STACK());
    return nullptr;
  }
  void* block = inner_.Allocate(size, alignment);
  if (block == nullptr) {
    allocations_.GiveBack();
    return nullptr;
  }
  allocated_bytes_.fetch_add(size);
  return block;
}

bool FailingAllocator::Resize(void* block, size_t size, size_t alignment,
                              size_t new_size) {
  if (!resizes_.Take()) {
    NoteFailure(true, DBGALLOC_CALLER_STACK());
    return false;
  }
  if (!inner_.Resize(block, size, alignment, new_size)) {
    resizes_.GiveBack();
    return false;
  }
  BookResize(size, new_size);
  return true;
}

void* FailingAllocator::Remap(void* block, size_t size, size_t alignment,
                              size_t new_size) {
  if (!resizes_.Take()) {
    NoteFailure(true, DBGALLOC_CALLER_STACK());
    return nullptr;
  }
  void* moved = inner_.Remap(block, size, alignment, new_size);
  if (moved == nullptr) {
    resizes_.GiveBack();
    return nullptr;
  }
  BookResize(size, new_size);
  return moved;
}

void FailingAllocator::Deallocate(void* block, size_t size, size_t alignment) {
  inner_.Deallocate(block, size, alignment);
  deallocations_.fetch_add(1);
  freed_bytes_.fetch_add(size);
}

void FailingAllocator::BookResize(size_t size, size_t new_size) {
  if (new_size >= size) {
    allocated_bytes_.fetch_add(new_size - size);
  } else {
    freed_bytes_.fetch_add(size - new_size);
  }
}

void FailingAllocator::NoteFailure(bool is_resize, uint32_t stack) {
  const uint64_t index = is_resize ? resizes_.next() : allocations_.next();
  // Two failures at once: either of them may count as the last one.
  if (is_noting_.exchange(true)) {
    failures_.fetch_add(1);
    return;
  }
  last_failure_ = {true, is_resize, index, stack};
  if (!first_failure_.is_known) first_failure_ = last_failure_;
  failures_.fetch_add(1);
  is_noting_.store(false);
}

FailingAllocatorCounters FailingAllocator::counters() const {
  return {allocations_.next(), resizes_.next(), deallocations_.load(),
          allocated_bytes_.load(), freed_bytes_.load()};
}

}  // namespace dbgalloc
