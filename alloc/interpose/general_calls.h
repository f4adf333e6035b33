// The malloc family where the fast way into the pool does not hold: another
// allocator serves, the cache is empty, the block is large, or something is
// wrong. Each is what the entry point of like name leaves to by a tail call.
#ifndef DBGALLOC_ALLOC_INTERPOSE_GENERAL_CALLS_H_
#define DBGALLOC_ALLOC_INTERPOSE_GENERAL_CALLS_H_

#include <cstddef>
#include <new>

namespace dbgalloc::interpose {

void* MallocGenerally(size_t size);
void FreeGenerally(void* block);
void* CallocGenerally(size_t count, size_t size);
void* ReallocGenerally(void* block, size_t size);
void* MemalignGenerally(size_t alignment, size_t size);
void* AlignedAllocGenerally(size_t alignment, size_t size);
int PosixMemalignGenerally(void** block, size_t alignment, size_t size);
void FreeSizedGenerally(void* block, size_t size);

void* NewGenerally(size_t size);
void* NewArrayGenerally(size_t size);
void* NewOrNullGenerally(size_t size) noexcept;
void* NewArrayOrNullGenerally(size_t size) noexcept;
void* AlignedNewGenerally(size_t size, std::align_val_t alignment);

void DeleteGenerally(void* block) noexcept;
void DeleteArrayGenerally(void* block) noexcept;
void DeleteSizedGenerally(void* block, size_t size) noexcept;
void DeleteArraySizedGenerally(void* block, size_t size) noexcept;
void AlignedDeleteGenerally(void* block, std::align_val_t alignment) noexcept;
void AlignedDeleteSizedGenerally(void* block, size_t size,
                                 std::align_val_t alignment) noexcept;

}  // namespace dbgalloc::interpose

#endif  // DBGALLOC_ALLOC_INTERPOSE_GENERAL_CALLS_H_
