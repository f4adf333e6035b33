// Numbers that nobody can guess. Never on a hot path.
#ifndef DBGALLOC_ALLOC_OS_RANDOM_H_
#define DBGALLOC_ALLOC_OS_RANDOM_H_

#include <cstdint>

namespace dbgalloc::os {

// Never 0. Does not block: before the kernel's pool is ready, address layout
// and clock stand in.
uint64_t RandomNumber();

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_RANDOM_H_
