#include "alloc/debug/guard_policy.h"

#include <vector>

#include "gtest/gtest.h"

namespace dbgalloc::debug {
namespace {

using heap::GuardSide;
using heap::Lane;

// The allocations, of `count`, that a thread has guarded.
std::vector<uint64_t> Chosen(const GuardPolicy& policy, uint32_t thread,
                             uint64_t count, size_t size = 16) {
  Lane lane;
  std::vector<uint64_t> chosen;
  for (uint64_t i = 0; i < count; ++i) {
    if (lane.allocations.value() >= lane.next_guarded &&
        policy.Decide(lane, thread, size, i + 1)) {
      chosen.push_back(i);
    }
    lane.allocations.Add(1);
  }
  return chosen;
}

GuardPolicy PolicyOf(const Options& options) {
  GuardPolicy policy;
  policy.Init(options, 12345);
  return policy;
}

// On i386 a member of eight bytes is aligned to four.
struct TwoWords {
  uint64_t word;
};

TEST(SmallestAlignment, IsWhatAnObjectOfTheSizeNeeds) {
  EXPECT_EQ(SmallestAlignment(1), 1u);
  EXPECT_EQ(SmallestAlignment(2), 2u);
  EXPECT_EQ(SmallestAlignment(3), 2u);
  EXPECT_EQ(SmallestAlignment(4), 4u);
  EXPECT_EQ(SmallestAlignment(7), 4u);
  EXPECT_EQ(SmallestAlignment(12), alignof(TwoWords));
  EXPECT_EQ(SmallestAlignment(24), alignof(TwoWords));
  EXPECT_EQ(SmallestAlignment(33), alignof(TwoWords));
  EXPECT_EQ(SmallestAlignment(16), 16u);
  EXPECT_EQ(SmallestAlignment(4096), 16u);
  EXPECT_EQ(SmallestAlignment(0), 16u);
}

TEST(GuardPolicy, NoneAsksOnce) {
  Options options;
  options.guard = GuardChoice::kNone;
  EXPECT_TRUE(Chosen(PolicyOf(options), 0, 1000).empty());
}

TEST(GuardPolicy, AllTakesAll) {
  Options options;
  options.guard = GuardChoice::kAll;
  EXPECT_EQ(Chosen(PolicyOf(options), 0, 1000).size(), 1000u);
}

TEST(GuardPolicy, SampledTakesOneInTheRateOnAverage) {
  for (int64_t rate : {2, 10, 1000}) {
    Options options;
    options.guard_sample_rate = rate;
    uint64_t count = 2000 * static_cast<uint64_t>(rate);
    double taken =
        static_cast<double>(Chosen(PolicyOf(options), 0, count).size());
    EXPECT_NEAR(taken, 2000, 150) << rate;
  }
  Options each;
  each.guard_sample_rate = 1;
  EXPECT_EQ(Chosen(PolicyOf(each), 0, 100).size(), 100u);
}

TEST(GuardPolicy, TheSeedDecides) {
  Options options;
  options.guard_sample_rate = 20;
  options.guard_seed = 7;
  std::vector<uint64_t> first = Chosen(PolicyOf(options), 0, 10'000);
  EXPECT_EQ(Chosen(PolicyOf(options), 0, 10'000), first);
  EXPECT_NE(Chosen(PolicyOf(options), 1, 10'000), first);
  options.guard_seed = 8;
  EXPECT_NE(Chosen(PolicyOf(options), 0, 10'000), first);
}

TEST(GuardPolicy, ADrawnSeedIsToldWhereItMatters) {
  Options options;
  EXPECT_EQ(PolicyOf(options).drawn_seed(), 12345u);
  options.guard_seed = 7;
  EXPECT_EQ(PolicyOf(options).drawn_seed(), 0u);
  options.guard_seed = 0;
  options.guard = GuardChoice::kAll;
  EXPECT_EQ(PolicyOf(options).drawn_seed(), 0u);
  options.guard_align = GuardAlignChoice::kRandom;
  EXPECT_EQ(PolicyOf(options).drawn_seed(), 12345u);
}

TEST(GuardPolicy, OnlySizesInTheWindow) {
  Options options;
  options.guard = GuardChoice::kAll;
  options.guard_min_size = 10;
  options.guard_max_size = 20;
  GuardPolicy policy = PolicyOf(options);
  EXPECT_TRUE(Chosen(policy, 0, 10, 9).empty());
  EXPECT_EQ(Chosen(policy, 0, 10, 10).size(), 10u);
  EXPECT_EQ(Chosen(policy, 0, 10, 20).size(), 10u);
  EXPECT_TRUE(Chosen(policy, 0, 10, 21).empty());
}

TEST(GuardPolicy, OnlyOneAllocation) {
  Options options;
  options.guard = GuardChoice::kAll;
  options.guard_only = 42;
  EXPECT_EQ(Chosen(PolicyOf(options), 0, 100), std::vector<uint64_t>{41});
}

TEST(GuardPolicy, Sides) {
  Options options;
  Lane lane;
  GuardPosition right = PolicyOf(options).Place(lane, 24, 0);
  EXPECT_EQ(right.side, GuardSide::kRight);
  EXPECT_EQ(right.alignment, 16u);
  EXPECT_EQ(PolicyOf(options).Place(lane, 24, 64).alignment, 64u);
  options.guard_align = GuardAlignChoice::kLeft;
  EXPECT_EQ(PolicyOf(options).Place(lane, 24, 0).side, GuardSide::kLeft);
  options.guard_align = GuardAlignChoice::kExact;
  EXPECT_EQ(PolicyOf(options).Place(lane, 24, 0).alignment, alignof(TwoWords));
  EXPECT_EQ(PolicyOf(options).Place(lane, 24, 64).alignment, 64u);
  options.guard_align = GuardAlignChoice::kRandom;
  int left = 0;
  for (int i = 0; i < 1000; ++i) {
    left += PolicyOf(options).Place(lane, 24, 0).side == GuardSide::kLeft;
  }
  EXPECT_GT(left, 400);
  EXPECT_LT(left, 600);
}

}  // namespace
}  // namespace dbgalloc::debug
