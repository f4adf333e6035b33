// Memory that a process has in common with others: with those it forks, or
// with whoever opens the same file.
#ifndef DBGALLOC_ALLOC_OS_SHARED_MEMORY_H_
#define DBGALLOC_ALLOC_OS_SHARED_MEMORY_H_

#include <cstddef>

namespace dbgalloc::os {

// Zeroed, and still the same after a fork. Null: refused.
void* MapSharedMemory(size_t size);

// The contents of a file of at least `size` bytes. Null: it cannot be opened
// for reading and writing, or is too short.
void* MapSharedFile(const char* path, size_t size);

void UnmapShared(void* address, size_t size);

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_SHARED_MEMORY_H_
