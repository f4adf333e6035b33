// Does what the caller of free says of a block agree with its allocation?
#ifndef DBGALLOC_ALLOC_DEBUG_CLAIM_CHECK_H_
#define DBGALLOC_ALLOC_DEBUG_CLAIM_CHECK_H_

#include <cstdint>

#include "alloc/debug/debug_heap.h"
#include "dbgalloc/error_record.h"

namespace dbgalloc::debug {

// Which of a claim's statements are compared.
struct ClaimRules {
  bool size = true;
  bool alignment = true;
  bool family = true;
};

// What the allocation said.
struct AllocationFacts {
  Origin origin = Origin::kAllocator;
  uint64_t size = 0;
  uint64_t alignment = 1;  // as requested
};

// Whether memory of one family may be given back through another: free takes
// what malloc and memalign made; everything else only its own.
inline bool FamiliesAgree(Origin made_by, Origin given_back_to) {
  if (made_by == given_back_to) return true;
  auto is_malloc = [](Origin origin) {
    return origin == Origin::kMalloc || origin == Origin::kMemalign;
  };
  return is_malloc(made_by) && is_malloc(given_back_to);
}

// kNone, or the first disagreement: family, then size, then alignment. Pure.
inline ErrorKind CheckClaim(const AllocationFacts& facts,
                            const FreeClaim& claim, const ClaimRules& rules) {
  if (rules.family && !FamiliesAgree(facts.origin, claim.origin)) {
    return ErrorKind::kFamilyMismatch;
  }
  if (rules.size && claim.size_stated && claim.size != facts.size) {
    return ErrorKind::kSizeMismatch;
  }
  if (rules.alignment && claim.alignment != kNotStated &&
      claim.alignment != facts.alignment) {
    return ErrorKind::kAlignmentMismatch;
  }
  return ErrorKind::kNone;
}

}  // namespace dbgalloc::debug

#endif  // DBGALLOC_ALLOC_DEBUG_CLAIM_CHECK_H_
