// malloc and its family, with the semantics of C, POSIX and glibc 2.36: the
// general way, and the entry points that have no other (entry_points.cc).
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "alloc/interpose/general_calls.h"
#include "alloc/interpose/heap_calls.h"
#include "alloc/interpose/note.h"
#include "alloc/os/pages.h"

// Each entry point reads its caller off its own frame.
#define DBGALLOC_ENTRY extern "C" [[gnu::visibility("default"), gnu::noinline]]
#define DBGALLOC_GENERAL [[gnu::noinline]]

namespace dbgalloc::interpose {
namespace {

constexpr size_t kDefaultAlignment = alignof(std::max_align_t);

constexpr bool IsPowerOfTwo(size_t value) {
  return value != 0 && (value & (value - 1)) == 0;
}

void* OrNoMemory(void* block) {
  if (__builtin_expect(block == nullptr, 0)) errno = ENOMEM;
  return block;
}

void* RefuseProduct(const char* function, size_t count, size_t size) {
  WriteSizeOverflowNote(function, count, size);
  return OrNoMemory(nullptr);
}

AllocationRequest MallocRequest(size_t size) {
  AllocationRequest request;
  request.size = size;
  request.origin = Origin::kMalloc;
  return request;
}

void* AllocateAligned(size_t size, size_t alignment,
                      const CallerFrame& caller) {
  AllocationRequest request;
  request.size = size;
  request.alignment = alignment;
  request.origin = Origin::kMemalign;
  return Allocate(request, caller);
}

// glibc's memalign takes any alignment and goes up to a power of two; EINVAL
// is for those that have none above them.
void* AllocateRoundingAlignment(size_t size, size_t alignment,
                                const CallerFrame& caller) {
  if (alignment > SIZE_MAX / 2 + 1) {
    errno = EINVAL;
    return nullptr;
  }
  size_t power = kDefaultAlignment;
  while (power < alignment) power *= 2;
  return OrNoMemory(AllocateAligned(size, power, caller));
}

[[gnu::always_inline]] inline void FreeAsMalloc(void* block,
                                                const CallerFrame& caller) {
  FreeClaim claim;
  claim.origin = Origin::kMalloc;
  Free(block, claim, caller);
}

// glibc: a size of 0 frees the block and yields null, errno as it was.
void* ReallocateAsGlibc(void* block, size_t size, const CallerFrame& caller) {
  if (block == nullptr)
    return OrNoMemory(Allocate(MallocRequest(size), caller));
  if (size == 0) {
    FreeAsMalloc(block, caller);
    return nullptr;
  }
  return OrNoMemory(Reallocate(block, size, caller));
}

}  // namespace
}  // namespace dbgalloc::interpose

using namespace dbgalloc::interpose;  // NOLINT: the entry points stand outside
using dbgalloc::Origin;

DBGALLOC_GENERAL void* dbgalloc::interpose::MallocGenerally(size_t size) {
  return OrNoMemory(Allocate(MallocRequest(size), DBGALLOC_CALLER_FRAME()));
}

DBGALLOC_GENERAL void dbgalloc::interpose::FreeGenerally(void* block) {
  FreeAsMalloc(block, DBGALLOC_CALLER_FRAME());
}

DBGALLOC_GENERAL void* dbgalloc::interpose::CallocGenerally(size_t count,
                                                            size_t size) {
  size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) {
    return RefuseProduct("calloc", count, size);
  }
  AllocationRequest request = MallocRequest(bytes);
  request.zeroed = true;
  return OrNoMemory(Allocate(request, DBGALLOC_CALLER_FRAME()));
}

DBGALLOC_GENERAL void* dbgalloc::interpose::ReallocGenerally(void* block,
                                                             size_t size) {
  return ReallocateAsGlibc(block, size, DBGALLOC_CALLER_FRAME());
}

DBGALLOC_ENTRY void* reallocarray(void* block, size_t count, size_t size) {
  size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) {
    return RefuseProduct("reallocarray", count, size);
  }
  return ReallocateAsGlibc(block, bytes, DBGALLOC_CALLER_FRAME());
}

DBGALLOC_GENERAL void* dbgalloc::interpose::MemalignGenerally(size_t alignment,
                                                              size_t size) {
  return AllocateRoundingAlignment(size, alignment, DBGALLOC_CALLER_FRAME());
}

DBGALLOC_GENERAL void* dbgalloc::interpose::AlignedAllocGenerally(
    size_t alignment, size_t size) {
  return AllocateRoundingAlignment(size, alignment, DBGALLOC_CALLER_FRAME());
}

DBGALLOC_GENERAL int dbgalloc::interpose::PosixMemalignGenerally(
    void** block, size_t alignment, size_t size) {
  if (!IsPowerOfTwo(alignment) || alignment % sizeof(void*) != 0) return EINVAL;
  int saved_errno = errno;
  void* allocated = AllocateAligned(size, alignment, DBGALLOC_CALLER_FRAME());
  errno = saved_errno;
  if (allocated == nullptr) return ENOMEM;
  *block = allocated;
  return 0;
}

DBGALLOC_ENTRY void* valloc(size_t size) {
  return AllocateRoundingAlignment(size, dbgalloc::os::PageSize(),
                                   DBGALLOC_CALLER_FRAME());
}

DBGALLOC_ENTRY void* pvalloc(size_t size) {
  size_t mask = dbgalloc::os::PageSize() - 1;
  if (size > SIZE_MAX - mask) return OrNoMemory(nullptr);
  return AllocateRoundingAlignment((size + mask) & ~mask, mask + 1,
                                   DBGALLOC_CALLER_FRAME());
}

DBGALLOC_ENTRY size_t malloc_usable_size(void* block) {
  if (block == nullptr) return 0;
  return UsableSize(block, DBGALLOC_CALLER_FRAME());
}

DBGALLOC_GENERAL void dbgalloc::interpose::FreeSizedGenerally(void* block,
                                                              size_t size) {
  FreeClaim claim;
  claim.origin = Origin::kMalloc;
  claim.size_stated = true;
  claim.size = size;
  Free(block, claim, DBGALLOC_CALLER_FRAME());
}

DBGALLOC_ENTRY void free_aligned_sized(void* block, size_t alignment,
                                       size_t size) {
  FreeClaim claim;
  claim.origin = Origin::kMemalign;
  claim.size_stated = true;
  claim.size = size;
  claim.alignment = alignment;
  Free(block, claim, DBGALLOC_CALLER_FRAME());
}
