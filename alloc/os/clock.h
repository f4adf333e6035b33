// Time since an arbitrary start, for ages in reports.
#ifndef DBGALLOC_ALLOC_OS_CLOCK_H_
#define DBGALLOC_ALLOC_OS_CLOCK_H_

#include <cstdint>

namespace dbgalloc::os {

// Nanoseconds on the monotonic clock. Async-signal-safe.
uint64_t MonotonicNanoseconds();

// Milliseconds on the same clock, as of the kernel's last tick (1 to 10 ms
// ago): cheap.
uint64_t MonotonicTickMilliseconds();

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_CLOCK_H_
