// Every replaceable operator new: the general way, and the entry points that
// have no other (entry_points.cc).
#include <new>

#include "alloc/interpose/general_calls.h"
#include "alloc/interpose/new_failure.h"

#define DBGALLOC_ENTRY [[gnu::visibility("default"), gnu::noinline]]
#define DBGALLOC_GENERAL [[gnu::noinline]]

namespace dbgalloc::interpose {
namespace {

AllocationRequest NewRequest(size_t size, Origin origin) {
  AllocationRequest request;
  request.size = size;
  request.origin = origin;
  return request;
}

AllocationRequest NewRequest(size_t size, std::align_val_t alignment,
                             Origin origin) {
  AllocationRequest request = NewRequest(size, origin);
  request.alignment = static_cast<size_t>(alignment);
  return request;
}

bool IsPowerOfTwo(size_t value) {
  return value != 0 && (value & (value - 1)) == 0;
}

// An alignment of 0 here means: none was stated.
bool HasBadAlignment(const AllocationRequest& request) {
  return request.alignment != 0 && !IsPowerOfTwo(request.alignment);
}

inline void* NewOrThrow(const AllocationRequest& request,
                        const CallerFrame& caller) {
  if (__builtin_expect(HasBadAlignment(request), 0)) ThrowBadAlloc();
  void* block = Allocate(request, caller);
  if (__builtin_expect(block != nullptr, 1)) return block;
  return RetryNewOrThrow(request, caller);
}

inline void* NewOrNull(const AllocationRequest& request,
                       const CallerFrame& caller) {
  if (__builtin_expect(HasBadAlignment(request), 0)) return nullptr;
  void* block = Allocate(request, caller);
  if (__builtin_expect(block != nullptr, 1)) return block;
  return RetryNewOrNull(request, caller);
}

}  // namespace
}  // namespace dbgalloc::interpose

using namespace dbgalloc::interpose;  // NOLINT: the operators stand outside
using dbgalloc::Origin;

DBGALLOC_GENERAL void* dbgalloc::interpose::NewGenerally(size_t size) {
  return NewOrThrow(NewRequest(size, Origin::kNew), DBGALLOC_CALLER_FRAME());
}

DBGALLOC_GENERAL void* dbgalloc::interpose::NewArrayGenerally(size_t size) {
  return NewOrThrow(NewRequest(size, Origin::kNewArray),
                    DBGALLOC_CALLER_FRAME());
}

DBGALLOC_GENERAL void* dbgalloc::interpose::NewOrNullGenerally(
    size_t size) noexcept {
  return NewOrNull(NewRequest(size, Origin::kNew), DBGALLOC_CALLER_FRAME());
}

DBGALLOC_GENERAL void* dbgalloc::interpose::NewArrayOrNullGenerally(
    size_t size) noexcept {
  return NewOrNull(NewRequest(size, Origin::kNewArray),
                   DBGALLOC_CALLER_FRAME());
}

DBGALLOC_GENERAL void* dbgalloc::interpose::AlignedNewGenerally(
    size_t size, std::align_val_t alignment) {
  return NewOrThrow(NewRequest(size, alignment, Origin::kNew),
                    DBGALLOC_CALLER_FRAME());
}

DBGALLOC_ENTRY void* operator new[](size_t size, std::align_val_t alignment) {
  return NewOrThrow(NewRequest(size, alignment, Origin::kNewArray),
                    DBGALLOC_CALLER_FRAME());
}

DBGALLOC_ENTRY void* operator new(size_t size, std::align_val_t alignment,
                                  const std::nothrow_t&) noexcept {
  return NewOrNull(NewRequest(size, alignment, Origin::kNew),
                   DBGALLOC_CALLER_FRAME());
}

DBGALLOC_ENTRY void* operator new[](size_t size, std::align_val_t alignment,
                                    const std::nothrow_t&) noexcept {
  return NewOrNull(NewRequest(size, alignment, Origin::kNewArray),
                   DBGALLOC_CALLER_FRAME());
}
