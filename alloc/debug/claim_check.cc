#include "alloc/debug/claim_check.h"

namespace dbgalloc::debug {

bool FamiliesAgree(Origin made_by, Origin given_back_to) {
  if (given_back_to == Origin::kMalloc || given_back_to == Origin::kMemalign) {
    return made_by == Origin::kMalloc || made_by == Origin::kMemalign;
  }
  return made_by == given_back_to;
}

ErrorKind CheckClaim(const AllocationFacts& facts, const FreeClaim& claim,
                     const ClaimRules& rules) {
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
