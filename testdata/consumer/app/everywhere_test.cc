// Has dbgalloc's malloc exactly where the command line asked for it.

#include <cstdlib>

#include "gtest/gtest.h"

extern "C" int dbgalloc_is_active(void) __attribute__((weak));

namespace {

TEST(Everywhere, IsServedAsTheCommandLineSays) {
  bool expected = std::getenv("CONSUMER_EXPECTS_DBGALLOC") != nullptr;
  bool served = dbgalloc_is_active != nullptr && dbgalloc_is_active() == 1;
  EXPECT_EQ(served, expected);
}

}  // namespace
