// A backing allocator for the tests of this folder: the C library's memory, all
// of it dirty, with pages that only note what is done to them.
#ifndef DBGALLOC_ALLOC_HEAP_TEST_BACKING_H_
#define DBGALLOC_ALLOC_HEAP_TEST_BACKING_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>

#include "dbgalloc/allocator.h"
#include "gtest/gtest.h"

namespace dbgalloc::heap {

class TestBacking final : public Allocator, public PageControl {
 public:
  static constexpr size_t kPage = 4096;

  ~TestBacking() { EXPECT_TRUE(out_.empty()); }

  void* Allocate(size_t size, size_t alignment) override {
    if (refuses) return nullptr;
    void* block = std::aligned_alloc(
        alignment, (size + alignment - 1) / alignment * alignment);
    memset(block, is_zero ? 0 : 0xee, size);
    out_[block] = size;
    return block;
  }
  bool Resize(void*, size_t, size_t, size_t) override { return false; }
  void* Remap(void*, size_t, size_t, size_t) override { return nullptr; }
  void Deallocate(void* block, size_t size, size_t) override {
    ASSERT_EQ(out_[block], size);
    out_.erase(block);
    std::free(block);
  }
  PageControl* page_control() override { return has_pages ? this : nullptr; }

  size_t page_size() const override { return kPage; }
  bool Discard(void* address, size_t size) override {
    if (!discards) return false;
    memset(address, 0, size);
    return true;
  }
  bool Retire(void* address, size_t size) override {
    for (size_t offset = 0; offset < size; offset += kPage) {
      retired[reinterpret_cast<uintptr_t>(address) + offset] = true;
    }
    return true;
  }
  bool Reactivate(void* address, size_t size) override {
    for (size_t offset = 0; offset < size; offset += kPage) {
      retired[reinterpret_cast<uintptr_t>(address) + offset] = false;
    }
    return true;
  }
  bool Move(void*, void*, size_t) override { return false; }

  bool IsRetired(uintptr_t address) const {
    auto at = retired.find(address & ~(kPage - 1));
    return at != retired.end() && at->second;
  }
  size_t blocks_out() const { return out_.size(); }

  bool refuses = false;
  bool has_pages = true;
  bool discards = true;
  bool is_zero = false;
  std::map<uintptr_t, bool> retired;

 private:
  std::map<void*, size_t> out_;
};

}  // namespace dbgalloc::heap

#endif  // DBGALLOC_ALLOC_HEAP_TEST_BACKING_H_
