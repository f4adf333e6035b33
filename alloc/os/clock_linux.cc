#include <time.h>

#include "alloc/os/clock.h"
#include "alloc/os/errno_keeper.h"

namespace dbgalloc::os {

uint64_t MonotonicNanoseconds() {
  ErrnoKeeper keeper;
  struct timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<uint64_t>(now.tv_nsec);
}

}  // namespace dbgalloc::os
