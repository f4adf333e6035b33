// The entry points that have a fast way: a pop or a push in the calling
// thread's cache of the pool, else a tail call to the general function.
#include <stddef.h>
#include <string.h>

#include <new>

#include "alloc/interpose/general_calls.h"
#include "alloc/interpose/pool_cache.h"

#define DBGALLOC_C_ENTRY \
  extern "C" [[gnu::visibility("default"), gnu::noinline]]
#define DBGALLOC_ENTRY [[gnu::visibility("default"), gnu::noinline]]

using namespace dbgalloc::interpose;  // NOLINT: the entry points stand outside
using dbgalloc::pool::Maker;

namespace {

bool IsPowerOfTwo(size_t value) {
  return value != 0 && (value & (value - 1)) == 0;
}

// Sizes above the table's: a step of their own, so that the first one keeps to
// few registers.
[[gnu::noinline]] void* MallocLarger(size_t size) {
  void* block = PopLargerFromPool(size, Maker::kMalloc);
  return block != nullptr ? block : MallocGenerally(size);
}

[[gnu::noinline]] void FreeLarger(void* block) {
  if (!PushLargerToPool(block)) FreeGenerally(block);
}

[[gnu::noinline]] void* NewLarger(size_t size) {
  void* block = PopLargerFromPool(size, Maker::kNew);
  return block != nullptr ? block : NewGenerally(size);
}

[[gnu::noinline]] void* NewArrayLarger(size_t size) {
  void* block = PopLargerFromPool(size, Maker::kNewArray);
  return block != nullptr ? block : NewArrayGenerally(size);
}

[[gnu::noinline]] void* CallocLarger(size_t count, size_t size) {
  size_t bytes = count * size;  // known not to overflow
  void* block = PopLargerFromPool(bytes, Maker::kMalloc);
  return block != nullptr ? memset(block, 0, bytes)
                          : CallocGenerally(count, size);
}

[[gnu::noinline]] void DeleteSizedLarger(void* block, size_t size) {
  if (!PushLargerSizedToPool(block, size, Maker::kNew)) {
    DeleteSizedGenerally(block, size);
  }
}

[[gnu::noinline]] void DeleteArraySizedLarger(void* block, size_t size) {
  if (!PushLargerSizedToPool(block, size, Maker::kNewArray)) {
    DeleteArraySizedGenerally(block, size);
  }
}

}  // namespace

// --- C ---

DBGALLOC_C_ENTRY void* malloc(size_t size) {
  void* block = PopFromPool(size, Maker::kMalloc);
  return __builtin_expect(block != nullptr, 1) ? block : MallocLarger(size);
}

DBGALLOC_C_ENTRY void free(void* block) {
  if (__builtin_expect(PushToPool(block), 1)) return;
  if (FastPoolCache() != nullptr) return FreeLarger(block);
  FreeGenerally(block);
}

DBGALLOC_C_ENTRY void* calloc(size_t count, size_t size) {
  size_t bytes = 0;
  if (__builtin_expect(!__builtin_mul_overflow(count, size, &bytes), 1)) {
    void* block = PopFromPool(bytes, Maker::kMalloc);
    if (__builtin_expect(block != nullptr, 1)) return memset(block, 0, bytes);
    return CallocLarger(count, size);
  }
  return CallocGenerally(count, size);
}

DBGALLOC_C_ENTRY void* realloc(void* block, size_t size) {
  void* moved = ReallocateInFastPool(block, size);
  return moved != nullptr ? moved : ReallocGenerally(block, size);
}

DBGALLOC_C_ENTRY void* memalign(size_t alignment, size_t size) {
  if (IsPowerOfTwo(alignment)) {
    void* block = PopAlignedFromPool(size, alignment, Maker::kMemalign);
    if (__builtin_expect(block != nullptr, 1)) return block;
  }
  return MemalignGenerally(alignment, size);
}

DBGALLOC_C_ENTRY void* aligned_alloc(size_t alignment, size_t size) {
  if (IsPowerOfTwo(alignment)) {
    void* block = PopAlignedFromPool(size, alignment, Maker::kMemalign);
    if (__builtin_expect(block != nullptr, 1)) return block;
  }
  return AlignedAllocGenerally(alignment, size);
}

DBGALLOC_C_ENTRY int posix_memalign(void** block, size_t alignment,
                                    size_t size) {
  if (IsPowerOfTwo(alignment) && alignment % sizeof(void*) == 0) {
    void* found = PopAlignedFromPool(size, alignment, Maker::kMemalign);
    if (__builtin_expect(found != nullptr, 1)) {
      *block = found;
      return 0;
    }
  }
  return PosixMemalignGenerally(block, alignment, size);
}

DBGALLOC_C_ENTRY void free_sized(void* block, size_t size) {
  if (PushSizedToPool(block, size, Maker::kMalloc)) return;
  FreeSizedGenerally(block, size);
}

// --- C++ ---

DBGALLOC_ENTRY void* operator new(size_t size) {
  void* block = PopFromPool(size, Maker::kNew);
  return __builtin_expect(block != nullptr, 1) ? block : NewLarger(size);
}

DBGALLOC_ENTRY void* operator new[](size_t size) {
  void* block = PopFromPool(size, Maker::kNewArray);
  return __builtin_expect(block != nullptr, 1) ? block : NewArrayLarger(size);
}

DBGALLOC_ENTRY void* operator new(size_t size, const std::nothrow_t&) noexcept {
  void* block = PopFromPool(size, Maker::kNew);
  return __builtin_expect(block != nullptr, 1) ? block
                                               : NewOrNullGenerally(size);
}

DBGALLOC_ENTRY void* operator new[](size_t size,
                                    const std::nothrow_t&) noexcept {
  void* block = PopFromPool(size, Maker::kNewArray);
  return __builtin_expect(block != nullptr, 1) ? block
                                               : NewArrayOrNullGenerally(size);
}

DBGALLOC_ENTRY void* operator new(size_t size, std::align_val_t alignment) {
  size_t value = static_cast<size_t>(alignment);
  if (value > 1 && IsPowerOfTwo(value)) {
    void* block = PopAlignedFromPool(size, value, Maker::kAlignedNew);
    if (__builtin_expect(block != nullptr, 1)) return block;
  }
  return AlignedNewGenerally(size, alignment);
}

DBGALLOC_ENTRY void operator delete(void* block) noexcept {
  if (__builtin_expect(PushToPool(block, Maker::kNew), 1)) return;
  DeleteGenerally(block);
}

DBGALLOC_ENTRY void operator delete[](void* block) noexcept {
  if (__builtin_expect(PushToPool(block, Maker::kNewArray), 1)) return;
  DeleteArrayGenerally(block);
}

DBGALLOC_ENTRY void operator delete(void* block, size_t size) noexcept {
  if (__builtin_expect(PushSizedToPool(block, size, Maker::kNew), 1)) return;
  DeleteSizedLarger(block, size);
}

DBGALLOC_ENTRY void operator delete[](void* block, size_t size) noexcept {
  if (__builtin_expect(PushSizedToPool(block, size, Maker::kNewArray), 1)) {
    return;
  }
  DeleteArraySizedLarger(block, size);
}

DBGALLOC_ENTRY void operator delete(void* block,
                                    std::align_val_t alignment) noexcept {
  if (PushToPool(block, Maker::kAlignedNew)) return;
  AlignedDeleteGenerally(block, alignment);
}

DBGALLOC_ENTRY void operator delete(void* block, size_t size,
                                    std::align_val_t alignment) noexcept {
  AlignedDeleteSizedGenerally(block, size, alignment);
}
