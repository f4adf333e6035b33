// main() for tests whose sweeps are shared out over the shards of the test:
// every shard runs every test, and its part of each sweep.
#include "dbgalloc/testing/allocation_failures.h"
#include "gtest/gtest.h"

int main(int argc, char** argv) {
  dbgalloc::TakeShardsForSweeps();
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
