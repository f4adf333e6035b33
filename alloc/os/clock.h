// Time since an arbitrary start, for ages in reports. Never on a hot path.
#ifndef DBGALLOC_ALLOC_OS_CLOCK_H_
#define DBGALLOC_ALLOC_OS_CLOCK_H_

#include <cstdint>

namespace dbgalloc::os {

// Nanoseconds on the monotonic clock. Async-signal-safe.
uint64_t MonotonicNanoseconds();

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_CLOCK_H_
