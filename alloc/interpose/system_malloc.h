// The C library's own allocator, below our definitions of its names.
//
// glibc also exports it as __libc_malloc and so on, which nothing interposes,
// and which need no dlsym (that allocates). In a fully static program they are
// not there: our malloc took the place of glibc's.
#ifndef DBGALLOC_ALLOC_INTERPOSE_SYSTEM_MALLOC_H_
#define DBGALLOC_ALLOC_INTERPOSE_SYSTEM_MALLOC_H_

#include <cstddef>

namespace dbgalloc::interpose {

bool SystemMallocIsAvailable();

// `alignment` is a power of two or 0. Null: refused.
void* SystemAllocate(size_t size, size_t alignment, bool zeroed);
void* SystemReallocate(void* block, size_t size);
void SystemFree(void* block);

// 0 when the C library does not tell.
size_t SystemUsableSize(void* block);

// The C library's function of a name that we define, too; null: it has none.
void* SystemFunction(const char* name);

}  // namespace dbgalloc::interpose

#endif  // DBGALLOC_ALLOC_INTERPOSE_SYSTEM_MALLOC_H_
