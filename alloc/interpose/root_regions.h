// Memory that the program registered as roots of leak checks.
#ifndef DBGALLOC_ALLOC_INTERPOSE_ROOT_REGIONS_H_
#define DBGALLOC_ALLOC_INTERPOSE_ROOT_REGIONS_H_

#include <cstddef>
#include <cstdint>

#include "alloc/base/spin_lock.h"
#include "alloc/leak/word_scan.h"

namespace dbgalloc::interpose {

// Thread-safe; at most kCapacity regions at once.
class RootRegions {
 public:
  static constexpr size_t kCapacity = 1024;

  constexpr RootRegions() = default;

  // False: there are too many.
  bool Add(uintptr_t begin, size_t size);
  // The very region must have been added, and not been removed since.
  bool Remove(uintptr_t begin, size_t size);
  // Copies at most `capacity` regions; returns how many.
  size_t CopyTo(leak::Range* regions, size_t capacity);

 private:
  base::SpinLock lock_;
  size_t count_ = 0;
  leak::Range regions_[kCapacity] = {};
};

// Of the program's malloc.
extern constinit RootRegions root_regions;

}  // namespace dbgalloc::interpose

#endif  // DBGALLOC_ALLOC_INTERPOSE_ROOT_REGIONS_H_
