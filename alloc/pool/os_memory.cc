#include "alloc/pool/os_memory.h"

#include "alloc/os/pages.h"

namespace dbgalloc::pool {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;

}  // namespace

size_t RoundUpToPages(size_t size) {
  size_t page = os::PageSize();
  return (size + page - 1) & ~(page - 1);
}

void* OsMemory::Map(size_t size, size_t alignment) const {
  size = RoundUpToPages(size);
  bool may_be_huge = huge_pages_ != HugePages::kNone && size >= kHugePage;
  if (!may_be_huge) return os::MapPages(size, alignment);
  if (alignment < kHugePage) alignment = kHugePage;
  if (huge_pages_ == HugePages::kExplicit && size % kHugePage == 0) {
    void* huge = os::MapHugePages(size, alignment);
    if (huge != nullptr) return huge;
  }
  void* mapped = os::MapPages(size, alignment);
  if (mapped != nullptr) os::PreferLargePages(mapped, size);
  return mapped;
}

void OsMemory::Unmap(void* address, size_t size) const {
  os::ReleasePages(address, RoundUpToPages(size));
}

}  // namespace dbgalloc::pool
