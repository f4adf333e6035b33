// A budget in a program that nothing counts in fails, rather than pass for
// nothing. Built without dbgalloc's malloc.
#include <vector>

#include "dbgalloc/testing/allocation_scope.h"
#include "gtest/gtest-spi.h"
#include "gtest/gtest.h"

namespace {

TEST(AllocationBudget, FailsWhereNothingCounts) {
  EXPECT_FALSE(dbgalloc::AllocationScope::IsLive());
  EXPECT_NONFATAL_FAILURE(EXPECT_NO_ALLOCATIONS{},
                          "nothing in this program counts allocations");
}

TEST(AllocationScope, CountsNothing) {
  dbgalloc::AllocationScope scope;
  std::vector<int> numbers(1000);
  EXPECT_EQ(scope.counts().allocations, 0u);
  EXPECT_EQ(scope.FirstStack(), "");
}

}  // namespace
