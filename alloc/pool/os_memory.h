// Where a pool's memory comes from: mappings, in small or in huge pages.
#ifndef DBGALLOC_ALLOC_POOL_OS_MEMORY_H_
#define DBGALLOC_ALLOC_POOL_OS_MEMORY_H_

#include <cstddef>

#include "dbgalloc/options.h"

namespace dbgalloc::pool {

// A value; thread-safe.
class OsMemory {
 public:
  constexpr explicit OsMemory(HugePages huge_pages = HugePages::kNone)
      : huge_pages_(huge_pages) {}

  // Zeroed memory; sizes are rounded up to pages. With explicit huge pages the
  // system may have none reserved: then ordinary ones serve.
  void* Map(size_t size, size_t alignment) const;
  // What Map() returned, with the same size.
  void Unmap(void* address, size_t size) const;

 private:
  HugePages huge_pages_;
};

size_t RoundUpToPages(size_t size);

}  // namespace dbgalloc::pool

#endif  // DBGALLOC_ALLOC_POOL_OS_MEMORY_H_
