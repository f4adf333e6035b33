#include "alloc/os/mapping_budget.h"

#include <cstddef>

#include "gtest/gtest.h"

namespace dbgalloc::os {
namespace {

size_t present = 0;
int counts = 0;

size_t LimitOfAThousand() { return 1000; }
size_t Present() {
  ++counts;
  return present;
}

class MappingBudgetTest : public testing::Test {
 protected:
  MappingBudgetTest() {
    present = 0;
    counts = 0;
  }
  size_t TakeUntilRefused(size_t most) {
    size_t taken = 0;
    while (taken < most && budget_.Take(1)) ++taken;
    return taken;
  }
  MappingBudget budget_{&LimitOfAThousand, &Present};
};

TEST_F(MappingBudgetTest, WhatWasMergedMeanwhileIsFoundByCounting) {
  present = 10;
  EXPECT_EQ(TakeUntilRefused(100'000), 100'000u);
  // Each count is good for some 700 mappings more.
  EXPECT_GE(counts, 100);
  EXPECT_LE(counts, 200);
}

TEST_F(MappingBudgetTest, LeavesTheProgramAQuarter) {
  present = 100;
  EXPECT_TRUE(budget_.Take(650));
  present = 750;
  EXPECT_FALSE(budget_.Take(1));
}

TEST_F(MappingBudgetTest, RefusalsDoNotCountEachTime) {
  present = 900;
  for (int i = 0; i < 100'000; ++i) ASSERT_FALSE(budget_.Take(1));
  EXPECT_LE(counts, 9);
}

TEST_F(MappingBudgetTest, RecoversWhenMappingsHaveGone) {
  present = 900;
  ASSERT_FALSE(budget_.Take(1));
  present = 100;
  int refused = 0;
  while (!budget_.Take(1)) ASSERT_LT(++refused, 100'000);
  EXPECT_GT(TakeUntilRefused(500), 400u);
}

TEST(TakeMappings, AFewAreToBeHad) {
  EXPECT_TRUE(TakeMappings(2));
  EXPECT_FALSE(TakeMappings(SIZE_MAX / 2));
}

}  // namespace
}  // namespace dbgalloc::os
