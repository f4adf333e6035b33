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
bool FamiliesAgree(Origin made_by, Origin given_back_to);

// kNone, or the first disagreement: family, then size, then alignment. Pure.
ErrorKind CheckClaim(const AllocationFacts& facts, const FreeClaim& claim,
                     const ClaimRules& rules);

}  // namespace dbgalloc::debug

#endif  // DBGALLOC_ALLOC_DEBUG_CLAIM_CHECK_H_
