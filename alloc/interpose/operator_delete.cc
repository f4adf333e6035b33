// Every replaceable operator delete: the general way, and the entry points that
// have no other (entry_points.cc).
#include <new>

#include "alloc/interpose/general_calls.h"
#include "alloc/interpose/heap_calls.h"

#define DBGALLOC_ENTRY [[gnu::visibility("default"), gnu::noinline]]
#define DBGALLOC_GENERAL [[gnu::noinline]]

namespace dbgalloc::interpose {
namespace {

// What the record of a plain operator new says.
constexpr uint64_t kNoAlignment = 1;

// The plain forms say that no alignment was asked for, too: memory of an
// aligned operator new belongs to an aligned operator delete.
FreeClaim DeleteClaim(Origin origin) {
  FreeClaim claim;
  claim.origin = origin;
  claim.alignment = kNoAlignment;
  return claim;
}

FreeClaim WithSize(FreeClaim claim, size_t size) {
  claim.size_stated = true;
  claim.size = size;
  return claim;
}

FreeClaim WithAlignment(FreeClaim claim, std::align_val_t alignment) {
  claim.alignment = static_cast<uint64_t>(alignment);
  return claim;
}

}  // namespace
}  // namespace dbgalloc::interpose

using namespace dbgalloc::interpose;  // NOLINT: the operators stand outside
using dbgalloc::Origin;

DBGALLOC_GENERAL void dbgalloc::interpose::DeleteGenerally(
    void* block) noexcept {
  Free(block, DeleteClaim(Origin::kNew), DBGALLOC_CALLER_FRAME());
}

DBGALLOC_GENERAL void dbgalloc::interpose::DeleteArrayGenerally(
    void* block) noexcept {
  Free(block, DeleteClaim(Origin::kNewArray), DBGALLOC_CALLER_FRAME());
}

DBGALLOC_ENTRY void operator delete(void* block,
                                    const std::nothrow_t&) noexcept {
  Free(block, DeleteClaim(Origin::kNew), DBGALLOC_CALLER_FRAME());
}

DBGALLOC_ENTRY void operator delete[](void* block,
                                      const std::nothrow_t&) noexcept {
  Free(block, DeleteClaim(Origin::kNewArray), DBGALLOC_CALLER_FRAME());
}

DBGALLOC_GENERAL void dbgalloc::interpose::DeleteSizedGenerally(
    void* block, size_t size) noexcept {
  Free(block, WithSize(DeleteClaim(Origin::kNew), size),
       DBGALLOC_CALLER_FRAME());
}

DBGALLOC_GENERAL void dbgalloc::interpose::DeleteArraySizedGenerally(
    void* block, size_t size) noexcept {
  Free(block, WithSize(DeleteClaim(Origin::kNewArray), size),
       DBGALLOC_CALLER_FRAME());
}

DBGALLOC_GENERAL void dbgalloc::interpose::AlignedDeleteGenerally(
    void* block, std::align_val_t alignment) noexcept {
  Free(block, WithAlignment(DeleteClaim(Origin::kNew), alignment),
       DBGALLOC_CALLER_FRAME());
}

DBGALLOC_ENTRY void operator delete[](void* block,
                                      std::align_val_t alignment) noexcept {
  Free(block, WithAlignment(DeleteClaim(Origin::kNewArray), alignment),
       DBGALLOC_CALLER_FRAME());
}

DBGALLOC_ENTRY void operator delete(void* block, std::align_val_t alignment,
                                    const std::nothrow_t&) noexcept {
  Free(block, WithAlignment(DeleteClaim(Origin::kNew), alignment),
       DBGALLOC_CALLER_FRAME());
}

DBGALLOC_ENTRY void operator delete[](void* block, std::align_val_t alignment,
                                      const std::nothrow_t&) noexcept {
  Free(block, WithAlignment(DeleteClaim(Origin::kNewArray), alignment),
       DBGALLOC_CALLER_FRAME());
}

DBGALLOC_GENERAL void dbgalloc::interpose::AlignedDeleteSizedGenerally(
    void* block, size_t size, std::align_val_t alignment) noexcept {
  Free(block,
       WithAlignment(WithSize(DeleteClaim(Origin::kNew), size), alignment),
       DBGALLOC_CALLER_FRAME());
}

DBGALLOC_ENTRY void operator delete[](void* block, size_t size,
                                      std::align_val_t alignment) noexcept {
  Free(block,
       WithAlignment(WithSize(DeleteClaim(Origin::kNewArray), size), alignment),
       DBGALLOC_CALLER_FRAME());
}
