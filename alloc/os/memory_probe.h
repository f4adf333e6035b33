// Asks the kernel whether memory may be read, without touching it.
#ifndef DBGALLOC_ALLOC_OS_MEMORY_PROBE_H_
#define DBGALLOC_ALLOC_OS_MEMORY_PROBE_H_

#include <cstdint>

namespace dbgalloc::os {

// Whether the eight bytes at `address`, a multiple of eight, can be read now.
// One system call. Async-signal-safe, leaves errno as it was.
bool IsReadable(uintptr_t address);

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_MEMORY_PROBE_H_
