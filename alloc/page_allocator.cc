#include "dbgalloc/page_allocator.h"

#include <cstdint>

#include "alloc/os/pages.h"
#include "alloc/os/process_memory.h"

namespace dbgalloc {
namespace {

// Retired memory of this size and alignment gives its page table back too.
constexpr size_t kPageTableReach = size_t{2} << 20;
// From this size on, the whole page tables in the middle of a range are worth
// a mapping of their own.
constexpr size_t kFoldsAnyhow = size_t{16} << 20;

// 0: too large to be rounded up to pages.
size_t Pages(size_t size) {
  size_t page = os::PageSize();
  return (size + page - 1) & ~(page - 1);
}

constinit PageAllocator system_pages;

}  // namespace

PageAllocator& SystemPages() { return system_pages; }

void* PageAllocator::Map(size_t size, size_t alignment) {
  size_t mapped = Pages(size);
  if (mapped == 0 || mapped > PTRDIFF_MAX) return nullptr;
  return os::MapPages(mapped, alignment);
}

bool PageAllocator::ResizeMapping(void* block, size_t size,
                                  size_t /*alignment*/, size_t new_size) {
  size_t mapped = Pages(size);
  size_t wanted = Pages(new_size);
  if (wanted == 0 || wanted > PTRDIFF_MAX) return false;
  if (wanted > mapped) return os::GrowInPlace(block, mapped, wanted);
  if (wanted < mapped) {
    os::ReleasePages(static_cast<char*>(block) + wanted, mapped - wanted);
  }
  return true;
}

void* PageAllocator::MoveMapping(void* block, size_t size, size_t alignment,
                                 size_t new_size) {
  if (ResizeMapping(block, size, alignment, new_size)) return block;
  size_t wanted = Pages(new_size);
  if (wanted == 0 || wanted > PTRDIFF_MAX || alignment > os::PageSize()) {
    return nullptr;
  }
  return os::MovePages(block, Pages(size), wanted);
}

void PageAllocator::Unmap(void* block, size_t size) {
  os::ReleasePages(block, Pages(size));
}

size_t PageAllocator::SystemPageSize() { return os::PageSize(); }

bool PageAllocator::DiscardRange(void* address, size_t size) {
  return os::DiscardPages(address, size);
}

// Whole page tables are folded away; anything smaller is marked in place, which
// costs no mapping.
bool PageAllocator::RetireRange(void* address, size_t size) {
  uintptr_t begin = reinterpret_cast<uintptr_t>(address);
  uintptr_t end = begin + size;
  bool folds = begin % kPageTableReach == 0 && size % kPageTableReach == 0;
  if (folds && os::FoldPages(address, size)) return true;
  if (size < kFoldsAnyhow) return os::RetirePages(address, size);
  uintptr_t first = (begin + kPageTableReach - 1) & ~(kPageTableReach - 1);
  uintptr_t last = end & ~(kPageTableReach - 1);
  return (first == begin || os::RetirePages(address, first - begin)) &&
         os::FoldPages(reinterpret_cast<void*>(first), last - first) &&
         (last == end ||
          os::RetirePages(reinterpret_cast<void*>(last), end - last));
}

bool PageAllocator::ReactivateRange(void* address, size_t size) {
  return os::ReactivatePages(address, size);
}

bool PageAllocator::CloseRange(void* address, size_t size) {
  return os::ClosePages(address, size);
}

bool PageAllocator::OpenRange(void* address, size_t size) {
  return os::OpenPages(address, size);
}

void PageAllocator::PreferLargePagesIn(void* address, size_t size) {
  os::PreferLargePages(address, size);
}

void PageAllocator::AvoidLargePagesIn(void* address, size_t size) {
  os::AvoidLargePages(address, size);
}

bool PageAllocator::MoveRange(void* from, void* to, size_t size) {
  return os::MoveContents(from, to, size);
}

size_t PageAllocator::SystemAddressLimit() { return os::AddressSpaceLimit(); }

size_t PageAllocator::SystemMemoryLimit() { return os::ControlGroupLimit(); }

size_t PageAllocator::ResidentIn(const void* address, size_t size) {
  return os::ResidentBytes(address, size);
}

}  // namespace dbgalloc
