#include "alloc/pool/medium_tier.h"

#include <map>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace dbgalloc::pool {
namespace {

class MediumTierTest : public testing::Test {
 protected:
  void SetUp() override { tier_->Init(&units_, &memory_); }
  void TearDown() override {
    tier_->Destroy();
    units_.Destroy();
  }

  // What every test ends with: one maximal block a region, nothing else.
  void ExpectAllMerged() {
    tier_->MergeAll();
    for (unsigned order = 0; order + 1 < kOrders; ++order) {
      EXPECT_EQ(tier_->CountFree(order), 0u) << "order " << order;
    }
    EXPECT_EQ(tier_->CountFree(kOrders - 1), tier_->regions());
  }

  UnitMap units_;
  OsMemory memory_;
  std::unique_ptr<MediumTier> tier_ = std::make_unique<MediumTier>();
};

TEST(BuddyRegion, NodesOffsetsAndOrdersBelongTogether) {
  EXPECT_EQ(OrderOf(1), 0u);
  EXPECT_EQ(OrderOf(kMinMediumSize), 0u);
  EXPECT_EQ(OrderOf(kMinMediumSize + 1), 1u);
  EXPECT_EQ(OrderOf(kRegionSize), kOrders - 1);
  EXPECT_EQ(kOrders, 10u);
  for (uint32_t node = 1; node < kNodes; ++node) {
    unsigned order = OrderOfNode(node);
    EXPECT_EQ(NodeAt(OffsetOfNode(node), order), node);
    EXPECT_EQ(OffsetOfNode(node) % OrderSize(order), 0u);
    if (node > 1) {
      // The buddy's address differs in one bit.
      EXPECT_EQ(OffsetOfNode(node) ^ OffsetOfNode(node ^ 1), OrderSize(order));
    }
  }
}

TEST_F(MediumTierTest, SplitsAndMergesBack) {
  MediumRun run = tier_->Take(0);
  ASSERT_NE(run.begin, 0u);
  EXPECT_TRUE(run.fresh);
  for (unsigned order = 0; order + 1 < kOrders; ++order) {
    EXPECT_EQ(tier_->CountFree(order), 1u);
  }
  tier_->GiveBack(run.begin, 0);
  ExpectAllMerged();
}

TEST_F(MediumTierTest, BlocksAreAlignedToTheirSizes) {
  for (unsigned order = 0; order < kOrders; ++order) {
    MediumRun run = tier_->Take(order);
    ASSERT_NE(run.begin, 0u);
    EXPECT_EQ(run.begin % OrderSize(order), 0u);
    tier_->GiveBack(run.begin, order);
  }
  ExpectAllMerged();
}

TEST_F(MediumTierTest, WhatIsKeptForTheNextRequestServesLargerOnes) {
  for (unsigned order = 0; order < 4; ++order) {
    tier_->GiveBack(tier_->Take(order).begin, order);
  }
  MediumRun whole = tier_->Take(kOrders - 1);
  EXPECT_NE(whole.begin, 0u);
  EXPECT_EQ(tier_->regions(), 1u);
  tier_->GiveBack(whole.begin, kOrders - 1);
  ExpectAllMerged();
}

TEST_F(MediumTierTest, ShrinkingGivesTheRestBack) {
  MediumRun run = tier_->Take(4);
  tier_->Shrink(run.begin, 4, 1);
  EXPECT_EQ(tier_->CountFree(1), 1u);
  EXPECT_EQ(tier_->CountFree(2), 1u);
  EXPECT_EQ(tier_->CountFree(3), 1u);
  tier_->GiveBack(run.begin, 1);
  ExpectAllMerged();
}

TEST_F(MediumTierTest, PurgedMemoryIsZeroAgainAndKnownToBe) {
  MediumRun run = tier_->Take(1);
  *reinterpret_cast<char*>(run.begin) = 1;
  tier_->GiveBack(run.begin, 1);
  MediumRun again = tier_->Take(1);
  EXPECT_EQ(again.begin, run.begin);
  EXPECT_FALSE(again.fresh);
  tier_->GiveBack(again.begin, 1);
  EXPECT_EQ(tier_->Purge(MediumTier::PurgeWhat::kOlder), 0u);
  EXPECT_TRUE(tier_->has_garbage());
  EXPECT_GT(tier_->Purge(MediumTier::PurgeWhat::kOlder), 0u);
  EXPECT_FALSE(tier_->has_garbage());
  run = tier_->Take(1);
  EXPECT_TRUE(run.fresh);
  EXPECT_EQ(*reinterpret_cast<char*>(run.begin), 0);
  tier_->GiveBack(run.begin, 1);
  ExpectAllMerged();
}

// The model is a map of what is taken.
TEST_F(MediumTierTest, RandomSplitsAndMergesAgainstAModel) {
  std::mt19937 random(7);
  std::map<uintptr_t, unsigned> taken;
  for (int step = 0; step < 100000; ++step) {
    bool takes = taken.size() < 40 && (taken.empty() || random() % 2 == 0);
    if (takes) {
      unsigned order = random() % 6;
      MediumRun run = tier_->Take(order);
      ASSERT_NE(run.begin, 0u);
      auto above = taken.lower_bound(run.begin);
      if (above != taken.end()) {
        ASSERT_LE(run.begin + OrderSize(order), above->first);
      }
      if (above != taken.begin()) {
        auto below = std::prev(above);
        ASSERT_LE(below->first + OrderSize(below->second), run.begin);
      }
      taken[run.begin] = order;
    } else {
      auto chosen = std::next(taken.begin(), random() % taken.size());
      tier_->GiveBack(chosen->first, chosen->second);
      taken.erase(chosen);
    }
  }
  tier_->MergeAll();
  size_t free_bytes = 0;
  size_t taken_bytes = 0;
  for (unsigned order = 0; order < kOrders; ++order) {
    free_bytes += tier_->CountFree(order) * OrderSize(order);
  }
  for (auto [begin, order] : taken) taken_bytes += OrderSize(order);
  EXPECT_EQ(free_bytes + taken_bytes, tier_->regions() * kRegionSize);
  for (auto [begin, order] : taken) tier_->GiveBack(begin, order);
  ExpectAllMerged();
}

TEST_F(MediumTierTest, ThreadsSplitAndMergeSideBySide) {
  std::vector<std::thread> threads;
  for (unsigned seed = 1; seed <= 4; ++seed) {
    threads.emplace_back([this, seed] {
      std::mt19937 random(seed);
      std::vector<std::pair<uintptr_t, unsigned>> taken;
      for (int step = 0; step < 20000; ++step) {
        if (taken.size() < 8 && random() % 2 == 0) {
          unsigned order = random() % 4;
          MediumRun run = tier_->Take(order);
          ASSERT_NE(run.begin, 0u);
          auto* word = reinterpret_cast<unsigned*>(run.begin);
          *word = seed;
          taken.push_back({run.begin, order});
        } else if (!taken.empty()) {
          size_t chosen = random() % taken.size();
          ASSERT_EQ(*reinterpret_cast<unsigned*>(taken[chosen].first), seed);
          tier_->GiveBack(taken[chosen].first, taken[chosen].second);
          taken.erase(taken.begin() + static_cast<ptrdiff_t>(chosen));
        }
      }
      for (auto [begin, order] : taken) tier_->GiveBack(begin, order);
    });
  }
  for (std::thread& thread : threads) thread.join();
  ExpectAllMerged();
}

TEST_F(MediumTierTest, PurgeMissesNoMergeOfOthers) {
  std::atomic<bool> stop{false};
  std::thread purger([&] {
    while (!stop.load()) tier_->Purge(MediumTier::PurgeWhat::kAll);
  });
  std::mt19937 random(3);
  for (int turn = 0; turn < 300; ++turn) {
    std::vector<std::pair<uintptr_t, unsigned>> taken;
    for (int i = 0; i < 10; ++i) {
      unsigned order = random() % 5;
      taken.push_back({tier_->Take(order).begin, order});
      *reinterpret_cast<char*>(taken.back().first) = 1;
    }
    for (auto [begin, order] : taken) tier_->GiveBack(begin, order);
  }
  stop = true;
  purger.join();
  ExpectAllMerged();
}

}  // namespace
}  // namespace dbgalloc::pool
