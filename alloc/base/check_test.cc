#include "alloc/base/check.h"

#include <csignal>

#include "gtest/gtest.h"

namespace dbgalloc::base {
namespace {

TEST(CheckDeathTest, PrintsTheConditionAndAborts) {
  int held = 1;
  EXPECT_EXIT(DBG_CHECK(held == 2), testing::KilledBySignal(SIGABRT),
              "dbgalloc bug: held == 2 failed at .*check_test.cc:[0-9]+\n");
}

TEST(CheckDeathTest, PrintsBothOperands) {
  uint64_t found = 3;
  EXPECT_EXIT(DBG_CHECK_EQ(found, uint64_t{17}),
              testing::KilledBySignal(SIGABRT),
              "found == uint64_t.17. failed at .* "
              "\\(3 = 0x3 against 17 = 0x11");
}

TEST(Check, EvaluatesOperandsOnceAndGoesOnWhenTheyHold) {
  int evaluations = 0;
  DBG_CHECK_LE(++evaluations, 1);
  DBG_CHECK(++evaluations == 2);
  EXPECT_EQ(evaluations, 2);
}

}  // namespace
}  // namespace dbgalloc::base
