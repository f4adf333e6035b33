#include "alloc/heap/lane_table.h"

#include <set>

#include "alloc/heap/test_backing.h"
#include "gtest/gtest.h"

namespace dbgalloc::heap {
namespace {

class LaneTableTest : public testing::Test {
 protected:
  LaneTableTest() {
    HeapConfig config;
    config.backing_zeroes = false;
    store_.Init(&backing_, &backing_, config);
    table_.Init(&store_);
  }
  ~LaneTableTest() override { store_.ReleaseAll(); }

  TestBacking backing_;
  SpanStore store_;
  LaneTable table_;
};

TEST_F(LaneTableTest, EachThreadKeepsALaneOfItsOwn) {
  std::set<Lane*> lanes;
  for (uint32_t thread : {0u, 1u, 255u, 256u, 40'000u, 65'534u}) {
    EXPECT_EQ(table_.Find(thread), nullptr);
    Lane* lane = table_.Get(thread);
    ASSERT_NE(lane, nullptr);
    EXPECT_FALSE(lane->shared);
    EXPECT_EQ(table_.Get(thread), lane);
    EXPECT_EQ(table_.Find(thread), lane);
    EXPECT_TRUE(lanes.insert(lane).second);
  }
  EXPECT_EQ(table_.own_lanes(), 6u);
}

TEST_F(LaneTableTest, ThreadsThatAreNotToldApartShare) {
  Lane* lane = table_.Get(LaneTable::kMostThreads);
  ASSERT_NE(lane, nullptr);
  EXPECT_TRUE(lane->shared);
  EXPECT_EQ(table_.Get(LaneTable::kMostThreads), lane);
}

TEST_F(LaneTableTest, LanesOfEndedThreadsServeNewOnes) {
  constexpr uint32_t kThreads = 20'000;
  for (uint32_t thread = 0; thread < kThreads; ++thread) {
    ASSERT_FALSE(table_.Get(thread)->shared) << thread;
    ASSERT_TRUE(table_.Release(thread));
    ASSERT_TRUE(table_.Get(thread)->shared) << "what it does after its end";
    ASSERT_FALSE(table_.Release(thread)) << "only once";
  }
  EXPECT_EQ(table_.own_lanes(), 1u);
}

TEST_F(LaneTableTest, TooManyThreadsAtOnceShare) {
  for (uint32_t thread = 0; thread < kOwnLanes; ++thread) {
    ASSERT_FALSE(table_.Get(thread)->shared);
  }
  std::set<Lane*> shared;
  for (uint32_t thread = kOwnLanes; thread < 2 * kOwnLanes; ++thread) {
    ASSERT_TRUE(table_.Get(thread)->shared);
    shared.insert(table_.Get(thread));
  }
  EXPECT_EQ(shared.size(), kSharedLanes);
  size_t seen = 0;
  table_.ForEach([&seen](const Lane&) { ++seen; });
  EXPECT_EQ(seen, kOwnLanes + kSharedLanes);
}

TEST_F(LaneTableTest, WithoutMemoryThereIsNoLane) {
  backing_.refuses = true;
  EXPECT_EQ(table_.Get(0), nullptr);
  EXPECT_EQ(table_.Get(300), nullptr);
  backing_.refuses = false;
  EXPECT_NE(table_.Get(0), nullptr);
  EXPECT_NE(table_.Get(300), nullptr);
}

TEST_F(LaneTableTest, AllLocksCanBeTakenAndGivenBack) {
  Lane* lane = table_.Get(LaneTable::kMostThreads);
  table_.LockAll();
  EXPECT_TRUE(lane->lock.IsHeld());
  table_.UnlockAll();
  EXPECT_FALSE(lane->lock.IsHeld());
}

}  // namespace
}  // namespace dbgalloc::heap
