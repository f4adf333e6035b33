#include "alloc/interpose/root_regions.h"

#include "alloc/base/scoped_no_malloc.h"

namespace dbgalloc::interpose {

constinit RootRegions root_regions;

bool RootRegions::Add(uintptr_t begin, size_t size) {
  base::ScopedNoMalloc no_malloc;
  base::SpinLockHolder holder(lock_);
  if (count_ == kCapacity) return false;
  regions_[count_++] = {begin, begin + size};
  return true;
}

bool RootRegions::Remove(uintptr_t begin, size_t size) {
  base::ScopedNoMalloc no_malloc;
  base::SpinLockHolder holder(lock_);
  for (size_t i = 0; i < count_; ++i) {
    if (regions_[i].begin != begin || regions_[i].end != begin + size) continue;
    regions_[i] = regions_[--count_];
    // What it says must not look like a pointer to the region.
    regions_[count_] = leak::Range();
    return true;
  }
  return false;
}

size_t RootRegions::CopyTo(leak::Range* regions, size_t capacity) {
  base::ScopedNoMalloc no_malloc;
  base::SpinLockHolder holder(lock_);
  const size_t count = count_ < capacity ? count_ : capacity;
  for (size_t i = 0; i < count; ++i) regions[i] = regions_[i];
  return count;
}

}  // namespace dbgalloc::interpose
