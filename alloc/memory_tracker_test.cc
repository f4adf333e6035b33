#include "dbgalloc/memory_tracker.h"

#include <cstdint>
#include <cstring>
#include <map>
#include <random>
#include <source_location>
#include <string_view>
#include <thread>
#include <vector>

#include "dbgalloc/failing_allocator.h"
#include "dbgalloc/stl_allocator.h"
#include "dbgalloc/system_allocator.h"
#include "gtest/gtest.h"

namespace dbgalloc {
namespace {

using Tracker = BasicMemoryTracker<true>;

std::vector<TrackedBlock> BlocksOf(const Tracker& tracker) {
  std::vector<TrackedBlock> blocks(tracker.live_blocks());
  blocks.resize(tracker.tracked_blocks()->Copy(blocks.data(), blocks.size()));
  return blocks;
}

class MemoryTrackerTest : public ::testing::Test {
 protected:
  SystemAllocator system_;
  Tracker tracker_{system_};
};

TEST_F(MemoryTrackerTest, KnowsFileLineAndFunctionOfEachLiveBlock) {
  tracker_.Enable();
  void* block = tracker_.Allocate(24, 8);
  const uint32_t line = __LINE__ - 1;
  ASSERT_EQ(tracker_.live_blocks(), 1u);
  EXPECT_EQ(tracker_.live_bytes(), 24u);
  const TrackedBlock known = BlocksOf(tracker_)[0];
  EXPECT_EQ(known.address, block);
  EXPECT_EQ(known.size, 24u);
  EXPECT_EQ(known.site.line, line);
  EXPECT_TRUE(std::string_view(known.site.file)
                  .ends_with("alloc/memory_tracker_test.cc"));
  EXPECT_EQ(std::string_view(known.site.function), "TestBody");
  tracker_.Deallocate(block, 24, 8);
  EXPECT_EQ(tracker_.live_blocks(), 0u);
  EXPECT_EQ(tracker_.live_bytes(), 0u);
}

// What a project's own wrapper does: it passes its caller's place on.
void* Wrapper(Tracker& tracker,
              std::source_location place = std::source_location::current()) {
  return tracker.Allocate(8, 8, place);
}

TEST_F(MemoryTrackerTest, TakesAStandardSourceLocation) {
  tracker_.Enable();
  void* block = Wrapper(tracker_);
  EXPECT_EQ(BlocksOf(tracker_)[0].site.line, uint32_t{__LINE__ - 1});
  tracker_.Deallocate(block, 8, 8);
}

TEST_F(MemoryTrackerTest, StartsDisabledAndThenTracksNothing) {
  void* block = tracker_.Allocate(24, 8);
  EXPECT_EQ(tracker_.live_blocks(), 0u);
  tracker_.Enable();
  tracker_.Deallocate(block, 24, 8);
  EXPECT_EQ(tracker_.live_blocks(), 0u);
}

TEST_F(MemoryTrackerTest, ABlockFreedWhileDisabledIsNoLeakAfterwards) {
  tracker_.Enable();
  void* block = tracker_.Allocate(24, 8);
  void* kept = tracker_.Allocate(32, 8);
  tracker_.Disable();
  tracker_.Deallocate(block, 24, 8);
  tracker_.Enable();
  ASSERT_EQ(tracker_.live_blocks(), 1u);
  EXPECT_EQ(BlocksOf(tracker_)[0].address, kept);
  tracker_.Deallocate(kept, 32, 8);
}

TEST_F(MemoryTrackerTest, AllocatedWhileDisabledIsNotTrackedBesideKnownOnes) {
  tracker_.Enable();
  void* known = tracker_.Allocate(24, 8);
  tracker_.Disable();
  void* unknown = tracker_.Allocate(24, 8);
  EXPECT_EQ(tracker_.live_blocks(), 1u);
  tracker_.Deallocate(unknown, 24, 8);
  tracker_.Deallocate(known, 24, 8);
}

TEST_F(MemoryTrackerTest, AMovedBlockKeepsItsPlaceAndItsNumber) {
  tracker_.Enable();
  void* other = tracker_.Allocate(8, 8);
  void* block = tracker_.Allocate(24, 8);
  const TrackedBlock before = BlocksOf(tracker_)[0].address == block
                                  ? BlocksOf(tracker_)[0]
                                  : BlocksOf(tracker_)[1];
  void* moved = tracker_.Remap(block, 24, 8, 1 << 20);
  ASSERT_NE(moved, nullptr);
  tracker_.Deallocate(other, 8, 8);
  const TrackedBlock after = BlocksOf(tracker_)[0];
  EXPECT_EQ(after.address, moved);
  EXPECT_EQ(after.size, size_t{1} << 20);
  EXPECT_EQ(after.number, before.number);
  EXPECT_EQ(after.site.line, before.site.line);
  EXPECT_EQ(tracker_.live_bytes(), size_t{1} << 20);
  tracker_.Deallocate(moved, 1 << 20, 8);
}

TEST_F(MemoryTrackerTest, ARefusedResizeLeavesTheBlockKnownAsItWas) {
  FailingAllocator failing(system_);
  Tracker tracker(failing);
  failing.SetErrorSink(nullptr);
  tracker.Enable();
  void* block = tracker.Allocate(24, 8);
  failing.SetResizeFailIndex(0);
  EXPECT_EQ(tracker.Remap(block, 24, 8, 48), nullptr);
  EXPECT_FALSE(tracker.Resize(block, 24, 8, 48));
  ASSERT_EQ(tracker.live_blocks(), 1u);
  EXPECT_EQ(tracker.live_bytes(), 24u);
  EXPECT_EQ(BlocksOf(tracker)[0].address, block);
  tracker.Deallocate(block, 24, 8);
}

TEST_F(MemoryTrackerTest, WithoutRoomInTheTableTheBlockIsHandedOutAndCounted) {
  SystemAllocator for_tables;
  FailingAllocator tables(for_tables);
  tables.SetErrorSink(nullptr);
  tables.SetFailIndex(0);
  Tracker tracker(system_, tables);
  tracker.Enable();
  void* block = tracker.Allocate(24, 8);
  EXPECT_NE(block, nullptr);
  EXPECT_EQ(tracker.live_blocks(), 0u);
  EXPECT_EQ(tracker.missed_blocks(), 1u);
  tracker.Deallocate(block, 24, 8);
}

TEST_F(MemoryTrackerTest, TablesGoBackAtTheEnd) {
  FailingAllocator tables(system_);
  {
    Tracker tracker(system_, tables);
    tracker.Enable();
    for (int i = 0; i < 1000; ++i) {
      tracker.Deallocate(tracker.Allocate(8, 8), 8, 8);
      tracker.Allocate(1, 1);  // stays: the tables grow
    }
    EXPECT_EQ(tracker.live_blocks(), 1000u);
  }
  EXPECT_GT(tables.counters().allocations, 16u);
  EXPECT_EQ(tables.counters().allocated_bytes, tables.counters().freed_bytes);
}

// Addresses that collide, come and go: the same as a std::map at every step.
TEST(TrackedBlocks, AgreesWithAModelOverRandomAdditionsAndRemovals) {
  SystemAllocator memory;
  TrackedBlocks blocks(memory);
  std::map<uintptr_t, size_t> model;
  std::mt19937_64 random(20261121);
  for (int i = 0; i < 200'000; ++i) {
    const uintptr_t key = 16 * (1 + random() % 4096);
    auto* address = reinterpret_cast<const void*>(key);
    auto found = model.find(key);
    if (found == model.end()) {
      ASSERT_FALSE(blocks.Remove(address, nullptr));
      if (random() % 8 >= 3) continue;
      model[key] = i;
      blocks.Add(address, static_cast<size_t>(i), CallSite::Current());
    } else {
      TrackedBlock removed;
      ASSERT_TRUE(blocks.Remove(address, &removed));
      ASSERT_EQ(removed.size, found->second);
      model.erase(found);
    }
    ASSERT_EQ(blocks.count(), model.size());
  }
  std::vector<TrackedBlock> copy(model.size());
  ASSERT_EQ(blocks.Copy(copy.data(), copy.size()), model.size());
  for (const TrackedBlock& block : copy) {
    EXPECT_EQ(model.erase(reinterpret_cast<uintptr_t>(block.address)), 1u);
  }
}

TEST_F(MemoryTrackerTest, ThreadsFreeEachOthersBlocksWhileItGoesOnAndOff) {
  tracker_.Enable();
  std::vector<void*> blocks(4000);
  for (void*& block : blocks) block = tracker_.Allocate(16, 8);
  std::vector<std::thread> threads;
  for (size_t first = 0; first < 4; ++first) {
    threads.emplace_back([&, first] {
      for (size_t i = first; i < blocks.size(); i += 4) {
        if (i % 64 == first) tracker_.Disable();
        tracker_.Deallocate(blocks[i], 16, 8);
        tracker_.Deallocate(tracker_.Allocate(32, 8), 32, 8);
        tracker_.Enable();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(tracker_.live_blocks(), 0u);
  EXPECT_EQ(tracker_.live_bytes(), 0u);
  EXPECT_EQ(tracker_.missed_blocks(), 0u);
}

TEST_F(MemoryTrackerTest, ContainersAreTrackedAsTheLineThatMadeTheirAllocator) {
  tracker_.Enable();
  BasicTrackedAllocator<true> memory(tracker_);
  const uint32_t line = __LINE__ - 1;
  std::vector<int, StlAllocator<int>> numbers(memory);
  numbers.assign(100, 7);
  ASSERT_EQ(tracker_.live_blocks(), 1u);
  EXPECT_EQ(BlocksOf(tracker_)[0].site.line, line);
}

TEST(MemoryTrackerLeftOut, PassesEverythingToTheInnerAllocator) {
  SystemAllocator system;
  FailingAllocator inner(system);
  BasicMemoryTracker<false> tracker(inner);
  tracker.Enable();
  void* block = tracker.Allocate(24, 8);
  block = tracker.Remap(block, 24, 8, 48);
  tracker.Deallocate(block, 48, 8);
  EXPECT_FALSE(tracker.is_enabled());
  EXPECT_EQ(inner.counters().allocations, 1u);
  EXPECT_EQ(inner.counters().resize_index, 1u);
  EXPECT_EQ(inner.counters().deallocations, 1u);
  static_assert(sizeof(tracker) == sizeof(Allocator*));
}

}  // namespace
}  // namespace dbgalloc
