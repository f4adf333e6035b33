#include <time.h>

#include "alloc/os/clock.h"
#include "alloc/os/errno_keeper.h"

namespace dbgalloc::os {

namespace {

constexpr uint64_t kNanosecondsInSecond = 1'000'000'000;

uint64_t Read(clockid_t clock) {
  ErrnoKeeper keeper;
  struct timespec now = {};
  clock_gettime(clock, &now);
  return static_cast<uint64_t>(now.tv_sec) * kNanosecondsInSecond +
         static_cast<uint64_t>(now.tv_nsec);
}

}  // namespace

uint64_t MonotonicNanoseconds() { return Read(CLOCK_MONOTONIC); }

uint64_t MonotonicTickMilliseconds() {
  return Read(CLOCK_MONOTONIC_COARSE) / 1'000'000;
}

}  // namespace dbgalloc::os
