// Memory straight from the kernel, in whole pages.
#ifndef DBGALLOC_ALLOC_PAGE_ALLOCATOR_H_
#define DBGALLOC_ALLOC_PAGE_ALLOCATOR_H_

#include <cstddef>

#include "dbgalloc/allocator.h"

namespace dbgalloc {

// Every block is a mapping of its own, rounded up to pages and zero when it is
// fresh. Alignments above a page are honoured. The kernel prefers addresses
// that were never used to ones that were given back.
//
// Thread-safe, without locks of its own. Has no state: all instances are one.
// Costs a system call or two an operation.
class PageAllocator final : public Allocator, public PageControl {
 public:
  constexpr PageAllocator() = default;

  void* Allocate(size_t size, size_t alignment) override {
    return Map(size, alignment);
  }
  bool Resize(void* block, size_t size, size_t alignment,
              size_t new_size) override {
    return ResizeMapping(block, size, alignment, new_size);
  }
  // Moves by page tables, not by copying. Alignments above a page are refused
  // where the block would have to move.
  void* Remap(void* block, size_t size, size_t alignment,
              size_t new_size) override {
    return MoveMapping(block, size, alignment, new_size);
  }
  void Deallocate(void* block, size_t size, size_t /*alignment*/) override {
    Unmap(block, size);
  }
  PageControl* page_control() override { return this; }

  size_t page_size() const override { return SystemPageSize(); }
  bool Discard(void* address, size_t size) override {
    return DiscardRange(address, size);
  }
  bool Retire(void* address, size_t size) override {
    return RetireRange(address, size);
  }
  bool Reactivate(void* address, size_t size) override {
    return ReactivateRange(address, size);
  }
  bool Close(void* address, size_t size) override {
    return CloseRange(address, size);
  }
  bool Open(void* address, size_t size) override {
    return OpenRange(address, size);
  }
  void PreferLargePages(void* address, size_t size) override {
    PreferLargePagesIn(address, size);
  }
  void AvoidLargePages(void* address, size_t size) override {
    AvoidLargePagesIn(address, size);
  }
  bool Move(void* from, void* to, size_t size) override {
    return MoveRange(from, to, size);
  }
  size_t address_space_limit() const override { return SystemAddressLimit(); }
  size_t memory_limit() const override { return SystemMemoryLimit(); }
  size_t ResidentBytes(const void* address, size_t size) const override {
    return ResidentIn(address, size);
  }

 private:
  // The virtual functions stand in the header, so that the class needs nothing
  // of the C++ runtime where it is compiled without type information.
  static void* Map(size_t size, size_t alignment);
  static bool ResizeMapping(void* block, size_t size, size_t alignment,
                            size_t new_size);
  static void* MoveMapping(void* block, size_t size, size_t alignment,
                           size_t new_size);
  static void Unmap(void* block, size_t size);
  static size_t SystemPageSize();
  static bool DiscardRange(void* address, size_t size);
  static bool RetireRange(void* address, size_t size);
  static bool ReactivateRange(void* address, size_t size);
  static bool CloseRange(void* address, size_t size);
  static bool OpenRange(void* address, size_t size);
  static void PreferLargePagesIn(void* address, size_t size);
  static void AvoidLargePagesIn(void* address, size_t size);
  static bool MoveRange(void* from, void* to, size_t size);
  static size_t SystemAddressLimit();
  static size_t SystemMemoryLimit();
  static size_t ResidentIn(const void* address, size_t size);
};

// One for all who need no instance of their own; constant-initialized.
PageAllocator& SystemPages();

}  // namespace dbgalloc

#endif  // DBGALLOC_ALLOC_PAGE_ALLOCATOR_H_
