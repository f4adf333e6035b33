// The memory limit: on requested bytes, settable while running, exact whatever
// fails. And the statistics that go with it.
#include <thread>
#include <vector>

#include "alloc/debug_allocator_test_support.h"
#include "dbgalloc/page_allocator.h"
#include "gtest/gtest.h"

namespace dbgalloc::testing_support {
namespace {

class LimitTest : public DebugAllocatorTest {
 protected:
  DebugAllocator& MakeLimited(uint64_t limit) {
    Options options = BaseOptions();
    options.enable_memory_limit = true;
    DebugAllocator& made = Make(options);
    made.SetMemoryLimit(limit);
    return made;
  }
  uint64_t Requested() { return allocator().requested_bytes(); }
  void ExpectRefusal(uint64_t size) {
    ErrorRecord note = sink_.TakeOnly();
    EXPECT_EQ(note.kind, ErrorKind::kMemoryLimit);
    EXPECT_EQ(note.claimed_size, size);
  }
};

TEST_F(LimitTest, CountsRequestedBytesUpToTheLimitItself) {
  MakeLimited(1010);
  void* four = Allocate(4);
  EXPECT_EQ(Requested(), 4u);
  void* thousand = Allocate(1000);
  EXPECT_EQ(Requested(), 1004u);
  EXPECT_EQ(Allocate(8), nullptr);
  ExpectRefusal(8);
  EXPECT_EQ(Requested(), 1004u);
  Free(thousand, 1000);
  EXPECT_EQ(Requested(), 4u);
  void* exact = Allocate(1006);
  ASSERT_NE(exact, nullptr);
  EXPECT_EQ(Requested(), 1010u);
  Free(exact, 1006);
  Free(four, 4);
  EXPECT_EQ(Requested(), 0u);
  EXPECT_EQ(Finish(), Verdict::kOk);
}

TEST_F(LimitTest, LargeBlocksCountAsRequestedNotAsBacked) {
  MakeLimited(100 << 20);
  void* block = Allocate(4097, 1);
  EXPECT_EQ(Requested(), 4097u);
  block = Reallocate(block, 4097, 1, 1, 1);
  EXPECT_EQ(Requested(), 1u);
  block = Reallocate(block, 1, 1, 2, 1);
  EXPECT_EQ(Requested(), 2u);
  block = Reallocate(block, 2, 1, 200'001, 1);
  EXPECT_EQ(Requested(), 200'001u);
  ASSERT_TRUE(allocator().Resize(block, 200'001, 1, 200'000));
  EXPECT_EQ(Requested(), 200'000u);
  void* moved = allocator().Remap(block, 200'000, 1, 5'000'000);
  ASSERT_NE(moved, nullptr);
  EXPECT_EQ(Requested(), 5'000'000u);
  Free(moved, 5'000'000, 1);
  EXPECT_EQ(Requested(), 0u);
}

TEST_F(LimitTest, ARefusedOrFailedResizeLeavesTheCountExact) {
  MakeLimited(1000);
  void* block = Allocate(20);
  EXPECT_FALSE(allocator().Resize(block, 20, 8, 16)) << "another class";
  EXPECT_EQ(Requested(), 20u);
  EXPECT_FALSE(allocator().Resize(block, 20, 8, 33)) << "another class";
  EXPECT_EQ(Requested(), 20u);
  allocator().SetMemoryLimit(22);
  EXPECT_FALSE(allocator().Resize(block, 20, 8, 23)) << "above the limit";
  EXPECT_EQ(Requested(), 20u);
  EXPECT_TRUE(allocator().Resize(block, 20, 8, 22)) << "at the limit";
  EXPECT_EQ(Requested(), 22u);
  EXPECT_EQ(allocator().Remap(block, 22, 8, SIZE_MAX), nullptr);
  EXPECT_EQ(Requested(), 22u);
  Free(block, 22);
  sink_.Clear();
}

TEST_F(LimitTest, MismatchedFreesCountWhatTheRecordsSay) {
  MakeLimited(1000);
  Free(Allocate(20), 3);
  sink_.Clear();
  EXPECT_EQ(Requested(), 0u);
  void* block = Allocate(20);
  Free(block, 20);
  Free(block, 20);
  sink_.Clear();
  EXPECT_EQ(Requested(), 0u) << "a second free counts nothing";
}

TEST_F(LimitTest, HugeRequestsDoNotWrapTheCount) {
  MakeLimited(UINT64_MAX);
  void* block = Allocate(100);
  EXPECT_EQ(Allocate(SIZE_MAX), nullptr);
  EXPECT_EQ(Allocate(SIZE_MAX - 50), nullptr);
  EXPECT_EQ(Requested(), 100u);
  Free(block, 100);
  sink_.Clear();
}

TEST_F(LimitTest, ARefusalOfTheBackingLeavesTheCountExact) {
  CountingAllocator backing(SystemPages());
  RecordingSink sink;
  Options options;
  options.memory_limit = 100 << 20;
  DebugAllocator memory(backing, options);
  memory.SetErrorSink(&sink);
  void* block = memory.Allocate(100'000, 8);
  backing.calls_until_refusal = 0;
  EXPECT_EQ(memory.Allocate(1 << 20, 8), nullptr);
  EXPECT_EQ(memory.Remap(block, 100'000, 8, 50 << 20), nullptr);
  EXPECT_EQ(memory.requested_bytes(), 100'000u);
  backing.calls_until_refusal = CountingAllocator::kNever;
  memory.Deallocate(block, 100'000, 8);
  EXPECT_EQ(memory.requested_bytes(), 0u);
  EXPECT_EQ(memory.Finish(), Verdict::kOk);
}

TEST_F(LimitTest, CanBeSetLowerThanWhatIsOutAndLifted) {
  MakeLimited(1000);
  void* block = Allocate(500);
  allocator().SetMemoryLimit(100);
  EXPECT_EQ(Allocate(1), nullptr);
  sink_.Clear();
  allocator().SetMemoryLimit(0);
  void* other = Allocate(100'000);
  ASSERT_NE(other, nullptr);
  EXPECT_EQ(Requested(), 100'500u);
  Free(other, 100'000);
  Free(block, 500);
}

TEST_F(LimitTest, CanBeSetOnAnAllocatorThatHadNone) {
  void* block = Allocate(500);
  EXPECT_EQ(Requested(), 500u);
  allocator().SetMemoryLimit(600);
  EXPECT_EQ(Allocate(101), nullptr);
  sink_.Clear();
  void* fits = Allocate(100);
  EXPECT_NE(fits, nullptr);
  Free(fits, 100);
  Free(block, 500);
  EXPECT_EQ(Requested(), 0u);
}

TEST_F(LimitTest, IsNeverExceededByManyThreads) {
  MakeLimited(10'000);
  allocator().SetErrorSink(nullptr);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this] {
      for (int i = 0; i < 5000; ++i) {
        void* block = Allocate(3000);
        ASSERT_LE(Requested(), 10'000u);
        if (block != nullptr) Free(block, 3000);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Requested(), 0u);
}

TEST_F(LimitTest, ASingleRequestCanBeLimited) {
  Options options = BaseOptions();
  options.max_allocation_size = 1000;
  Make(options);
  void* block = Allocate(1000);
  EXPECT_NE(block, nullptr);
  EXPECT_EQ(Allocate(1001), nullptr);
  EXPECT_FALSE(allocator().Resize(block, 1000, 8, 1001));
  EXPECT_EQ(allocator().Remap(block, 1000, 8, 100'000), nullptr);
  Free(block, 1000);
}

// --- Statistics -------------------------------------------------------------

TEST_F(LimitTest, StatisticsAreExact) {
  void* small = Allocate(100);
  void* large = Allocate(100'000);
  DebugAllocatorStatistics now = allocator().statistics();
  EXPECT_EQ(now.allocations, 2u);
  EXPECT_EQ(now.live_blocks, 2u);
  EXPECT_EQ(now.live_bytes, 100'100u);
  EXPECT_EQ(now.allocated_bytes, 100'100u);
  EXPECT_GT(now.metadata_bytes, 0u);
  EXPECT_GE(now.span_bytes, 100'100u);
  ASSERT_TRUE(allocator().Resize(small, 100, 8, 110));
  ASSERT_TRUE(allocator().Resize(large, 100'000, 8, 90'000));
  now = allocator().statistics();
  EXPECT_EQ(now.live_bytes, 90'110u);
  EXPECT_EQ(now.allocations, 2u);
  Free(small, 110);
  Free(large, 90'000);
  now = allocator().statistics();
  EXPECT_EQ(now.deallocations, 2u);
  EXPECT_EQ(now.live_blocks, 0u);
  EXPECT_EQ(now.live_bytes, 0u);
  EXPECT_EQ(now.allocated_bytes, now.freed_bytes);
  EXPECT_EQ(now.errors, 0u);
  Free(small, 110);
  sink_.Clear();
  EXPECT_EQ(allocator().statistics().errors, 1u);
}

}  // namespace
}  // namespace dbgalloc::testing_support
