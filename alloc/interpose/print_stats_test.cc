// Runs with print_stats=1: the figures come at the very end, once.
#include <stdlib.h>
#include <unistd.h>

#include "dbgalloc/c_api.h"
#include "gtest/gtest.h"

namespace {

// The last that anybody could allocate is counted.
class Late {
 public:
  ~Late() { block_ = malloc(123456789); }

 private:
  void* volatile block_ = nullptr;
};

TEST(PrintStatsDeathTest, AtExitAfterTheLastDestructor) {
  EXPECT_EXIT(
      {
        static Late late;
        exit(0);
      },
      testing::ExitedWithCode(0),
      "==[0-9]+==STATISTICS: dbgalloc: print_stats_test.*\n"
      "  live          [0-9]+ blocks, [0-9]{9} bytes\n"
      "  peak          [0-9]+ blocks, [0-9]{9} bytes\n"
      "  allocated     ");
}

TEST(PrintStatsDeathTest, OnRequest) {
  EXPECT_EXIT(
      {
        dbgalloc_print_stats();
        _exit(0);
      },
      testing::ExitedWithCode(0),
      "    block size         spans   live blocks    live bytes");
}

}  // namespace
