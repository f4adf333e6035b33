#include "alloc/fail/fail_rules.h"

#include "dbgalloc/options.h"
#include "gtest/gtest.h"

namespace dbgalloc::fail {
namespace {

TEST(FailRules, NothingFailsByDefault) {
  EXPECT_FALSE(CanFail(AllocationRules(Options())));
  EXPECT_FALSE(CanFail(ResizeRules(Options())));
}

TEST(FailRules, ACompanionAloneBeginsAtTheFirstAllocation) {
  Options options;
  options.fail_probability = 0.25;
  EXPECT_EQ(AllocationRules(options).first_index, 0u);
  EXPECT_EQ(AllocationRules(options).probability, 0.25);
  EXPECT_FALSE(CanFail(ResizeRules(options)));
  options = Options();
  options.fail_stack = "parse";
  EXPECT_EQ(AllocationRules(options).stack, "parse");
  EXPECT_TRUE(CanFail(AllocationRules(options)));
}

TEST(FailRules, OnceIsACountOfOne) {
  Options options;
  options.fail_index = 7;
  options.fail_count = 5;
  EXPECT_EQ(AllocationRules(options).count, 5u);
  options.fail_mode = FailMode::kOnce;
  EXPECT_EQ(AllocationRules(options).count, 1u);
  EXPECT_EQ(AllocationRules(options).first_index, 7u);
}

TEST(FailRules, ResizesObeyTheSameCompanions) {
  Options options;
  options.resize_fail_index = 3;
  options.fail_every = 4;
  options.fail_min_size = 10;
  const FailRules rules = ResizeRules(options);
  EXPECT_EQ(rules.first_index, 3u);
  EXPECT_EQ(rules.every, 4u);
  EXPECT_EQ(rules.min_size, 10u);
  EXPECT_EQ(rules.max_size, UINT64_MAX);
}

}  // namespace
}  // namespace dbgalloc::fail
