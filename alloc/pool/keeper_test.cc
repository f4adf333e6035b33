// The thread that merges and returns what the program gave back.
#include "alloc/pool/keeper.h"

#include <dirent.h>

#include <chrono>
#include <thread>
#include <vector>

#include "alloc/pool/pool_heap_test_support.h"
#include "gtest/gtest.h"

namespace dbgalloc::pool {
namespace {

constexpr size_t kMiB = size_t{1} << 20;

int ThreadsOfProcess() {
  DIR* tasks = opendir("/proc/self/task");
  int count = -2;  // . and ..
  while (readdir(tasks) != nullptr) ++count;
  closedir(tasks);
  return count;
}

// Until it holds; the test's own time limit ends a wait in vain.
template <typename Condition>
void WaitFor(const Condition& condition) {
  while (!condition()) std::this_thread::yield();
}

class KeeperTest : public PoolHeapTest {
 protected:
  void SetUp() override {
    PoolHeapTest::SetUp();
    StartKeeping(*pool_);
  }
  void TearDown() override {
    StopKeeping(*pool_);
    PoolHeapTest::TearDown();
  }
  bool AllIsMerged() {
    return pool_->medium().CountFree(kOrders - 1) == pool_->medium().regions();
  }
};

// First, while the process has no such thread yet.
TEST_F(KeeperTest, ProgramsWithoutMediumBlocksHaveNoThread) {
  int before = ThreadsOfProcess();
  std::vector<void*> blocks;
  for (size_t size = 1; size <= kMiB; size += 5000) {
    blocks.push_back(Allocate(size));
  }
  for (void* block : blocks) Free(block);
  EXPECT_EQ(ThreadsOfProcess(), before);
}

TEST_F(KeeperTest, WhatWasGivenBackIsMergedThoughNobodyCalls) {
  std::vector<void*> blocks;
  for (int i = 0; i < 40; ++i) blocks.push_back(Allocate((1 + i % 9) * kMiB));
  for (void* block : blocks) Free(block);
  WaitFor([&] { return AllIsMerged(); });
  // Once more, with the thread at work.
  void* block = Allocate(3 * kMiB);
  EXPECT_FALSE(AllIsMerged());
  Free(block);
  WaitFor([&] { return AllIsMerged(); });
}

TEST_F(KeeperTest, MemoryGoesBackToTheSystemAndTheThreadEnds) {
  void* block = Allocate(4 * kMiB);
  memset(block, 1, 4 * kMiB);
  Free(block);
  WaitFor([] { return ThreadsOfProcess() == 1; });
  // The same memory, returned meanwhile.
  unsigned char* again = static_cast<unsigned char*>(Allocate(4 * kMiB));
  EXPECT_EQ(again, block);
  EXPECT_EQ(again[0], 0);
  EXPECT_EQ(again[4 * kMiB - 1], 0);
  Free(again);
}

}  // namespace
}  // namespace dbgalloc::pool
