#include "alloc/fail/byte_budget.h"

#include <cstdint>

#include "gtest/gtest.h"

namespace dbgalloc::fail {
namespace {

TEST(ByteBudget, TakesUpToItsLimit) {
  ByteBudget budget;
  budget.SetLimit(100);
  EXPECT_TRUE(budget.Take(60));
  EXPECT_FALSE(budget.Take(41));
  EXPECT_TRUE(budget.Take(40));
  EXPECT_FALSE(budget.Take(1));
  budget.Give(60);
  EXPECT_TRUE(budget.Take(1));
  EXPECT_EQ(budget.live(), 41u);
}

TEST(ByteBudget, CountsWithoutALimitToo) {
  ByteBudget budget;
  EXPECT_TRUE(budget.Take(UINT64_MAX / 2));
  EXPECT_EQ(budget.live(), UINT64_MAX / 2);
}

TEST(ByteBudget, ALimitBelowWhatLivesRefusesAllWithoutWrapping) {
  ByteBudget budget;
  ASSERT_TRUE(budget.Take(100));
  budget.SetLimit(10);
  EXPECT_FALSE(budget.Take(1));
  EXPECT_FALSE(budget.Take(UINT64_MAX));
}

}  // namespace
}  // namespace dbgalloc::fail
