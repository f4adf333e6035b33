#include "alloc/debug/claim_check.h"

#include "gtest/gtest.h"

namespace dbgalloc::debug {
namespace {

constexpr Origin kOrigins[] = {Origin::kAllocator, Origin::kMalloc,
                               Origin::kMemalign, Origin::kNew,
                               Origin::kNewArray};

TEST(FamiliesAgree, OnlyMallocAndMemalignAreOneFamily) {
  for (Origin made : kOrigins) {
    for (Origin given : kOrigins) {
      bool both_malloc =
          (made == Origin::kMalloc || made == Origin::kMemalign) &&
          (given == Origin::kMalloc || given == Origin::kMemalign);
      EXPECT_EQ(FamiliesAgree(made, given), made == given || both_malloc)
          << static_cast<int>(made) << ' ' << static_cast<int>(given);
    }
  }
}

FreeClaim Claim(Origin origin, uint64_t size, uint64_t alignment) {
  FreeClaim claim;
  claim.origin = origin;
  claim.size_stated = true;
  claim.size = size;
  claim.alignment = alignment;
  return claim;
}

constexpr AllocationFacts kFacts = {Origin::kNew, 24, 8};

struct Case {
  const char* what;
  Origin origin;
  uint64_t size;
  uint64_t alignment;
  ErrorKind kind;
};
constexpr Case kCases[] = {
    {"as made", Origin::kNew, 24, 8, ErrorKind::kNone},
    {"size", Origin::kNew, 25, 8, ErrorKind::kSizeMismatch},
    {"size 0", Origin::kNew, 0, 8, ErrorKind::kSizeMismatch},
    {"alignment", Origin::kNew, 24, 16, ErrorKind::kAlignmentMismatch},
    {"alignment not stated", Origin::kNew, 24, kNotStated, ErrorKind::kNone},
    {"family", Origin::kMalloc, 24, 8, ErrorKind::kFamilyMismatch},
    {"family and size", Origin::kMalloc, 9, 8, ErrorKind::kFamilyMismatch},
    {"size and alignment", Origin::kNew, 9, 16, ErrorKind::kSizeMismatch},
};

TEST(CheckClaim, TheFirstDisagreementCounts) {
  for (const Case& c : kCases) {
    EXPECT_EQ(CheckClaim(kFacts, Claim(c.origin, c.size, c.alignment), {}),
              c.kind)
        << c.what;
  }
}

TEST(CheckClaim, ASizeThatIsNotStatedIsNotCompared) {
  FreeClaim claim = Claim(Origin::kNew, 9, 8);
  claim.size_stated = false;
  EXPECT_EQ(CheckClaim(kFacts, claim, {}), ErrorKind::kNone);
}

TEST(CheckClaim, EachRuleCanBeOff) {
  FreeClaim wrong = Claim(Origin::kMalloc, 9, 16);
  ClaimRules rules;
  rules.family = false;
  EXPECT_EQ(CheckClaim(kFacts, wrong, rules), ErrorKind::kSizeMismatch);
  rules.size = false;
  EXPECT_EQ(CheckClaim(kFacts, wrong, rules), ErrorKind::kAlignmentMismatch);
  rules.alignment = false;
  EXPECT_EQ(CheckClaim(kFacts, wrong, rules), ErrorKind::kNone);
}

}  // namespace
}  // namespace dbgalloc::debug
