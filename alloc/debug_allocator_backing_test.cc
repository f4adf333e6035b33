// DebugAllocator over other allocators: what it takes it gives back.
#include <cstring>
#include <vector>

#include "alloc/debug_allocator_test_support.h"
#include "dbgalloc/page_allocator.h"
#include "dbgalloc/static_buffer_allocator.h"
#include "dbgalloc/system_allocator.h"
#include "gtest/gtest.h"

namespace dbgalloc::testing_support {
namespace {

// A mixed life: small and large blocks, some moved, none left.
void LiveThrough(DebugAllocator& memory) {
  std::vector<std::pair<void*, size_t>> live;
  for (size_t i = 0; i < 3000; ++i) {
    size_t size = 1 + i * 37 % 900;
    if (i % 100 == 0) size = 50'000 + i;
    void* block = memory.Allocate(size, 8);
    ASSERT_NE(block, nullptr);
    memset(block, static_cast<int>(i), size);
    live.emplace_back(block, size);
    if (i % 3 == 0) {
      auto [oldest, oldest_size] = live[live.size() / 2];
      live.erase(live.begin() + static_cast<long>(live.size() / 2));
      memory.Deallocate(oldest, oldest_size, 8);
    }
  }
  for (auto [block, size] : live) memory.Deallocate(block, size, 8);
}

class Backings : public testing::Test {
 protected:
  SystemAllocator system_;
  RecordingSink sink_;
};

TEST_F(Backings, PagesComeBackByFinish) {
  CountingAllocator backing(SystemPages());
  DebugAllocator memory(backing);
  memory.SetErrorSink(&sink_);
  LiveThrough(memory);
  EXPECT_GT(backing.bytes_out(), 0u);
  EXPECT_EQ(memory.Finish(), Verdict::kOk);
  EXPECT_EQ(backing.blocks_out(), 0u);
  EXPECT_TRUE(sink_.errors().empty());
}

TEST_F(Backings, MemoryThatIsNotZeroIsNotTakenForZero) {
  CountingAllocator backing(system_);
  backing.dirt = 0xee;
  Options options;
  options.backing_allocator_zeroes = false;
  DebugAllocator memory(backing, options);
  memory.SetErrorSink(&sink_);
  LiveThrough(memory);
  EXPECT_EQ(memory.Finish(), Verdict::kOk);
  EXPECT_TRUE(sink_.errors().empty());
}

// Without pages of its own a backing allocator is not trusted to hand out
// zeroes unless somebody says so.
TEST_F(Backings, DirtyMallocWorksWithoutBeingTold) {
  CountingAllocator backing(system_);
  backing.dirt = 0xee;
  DebugAllocator memory(backing);
  memory.SetErrorSink(&sink_);
  LiveThrough(memory);
  EXPECT_EQ(memory.Finish(), Verdict::kOk);
  EXPECT_TRUE(sink_.errors().empty());
}

TEST_F(Backings, ADebugAllocatorBacksAnother) {
  DebugAllocator outer;
  outer.SetErrorSink(&sink_);
  {
    Allocator& backing = outer;
    DebugAllocator memory(backing);
    memory.SetErrorSink(&sink_);
    LiveThrough(memory);
    EXPECT_EQ(memory.Finish(), Verdict::kOk);
  }
  EXPECT_EQ(outer.Finish(), Verdict::kOk);
  EXPECT_TRUE(sink_.errors().empty());
}

// Second frees of small and large blocks are known by their records, a flush
// leaves live blocks alone, and the outer allocator gets everything back.
TEST_F(Backings, RetainedRecordsLiveInTheBackingToo) {
  DebugAllocator outer;
  outer.SetErrorSink(&sink_);
  Allocator& backing = outer;
  RecordingSink inner_sink;
  {
    Options options;
    options.quarantine_size = 0;
    DebugAllocator memory(backing, options);
    memory.SetErrorSink(&inner_sink);
    void* small = memory.Allocate(10, 8);
    void* large = memory.Allocate(100'000, 8);
    void* lives = memory.Allocate(20, 8);
    memory.Deallocate(small, 10, 8);
    memory.Deallocate(large, 100'000, 8);
    for (void* block : {small, large}) {
      memory.Deallocate(block, block == small ? 10 : 100'000, 8);
      EXPECT_EQ(inner_sink.errors().back().kind, ErrorKind::kDoubleFree);
      EXPECT_TRUE(inner_sink.errors().back().block.freed.known);
    }
    EXPECT_EQ(inner_sink.errors().size(), 2u);
    memory.FlushRetainedMetadata();
    memset(lives, 1, 20);
    memory.Deallocate(lives, 20, 8);
    EXPECT_EQ(inner_sink.errors().size(), 2u);
    EXPECT_EQ(memory.Finish(), Verdict::kOk);
  }
  EXPECT_EQ(outer.Finish(), Verdict::kOk);
  EXPECT_TRUE(sink_.errors().empty());
}

TEST_F(Backings, ALargeBlockThatCannotBecomeSmallStaysAsItIs) {
  CountingAllocator backing(SystemPages());
  DebugAllocator memory(backing);
  memory.SetErrorSink(&sink_);
  unsigned char* block = Bytes(memory.Allocate(100'000, 8));
  memset(block, 3, 100'000);
  backing.calls_until_refusal = 0;
  EXPECT_FALSE(memory.Resize(block, 100'000, 8, 10));
  EXPECT_EQ(memory.Remap(block, 100'000, 8, 10), nullptr);
  EXPECT_EQ(memory.Allocate(10, 8), nullptr) << "no span is there yet";
  backing.calls_until_refusal = CountingAllocator::kNever;
  EXPECT_EQ(block[0], 3);
  EXPECT_EQ(block[99'999], 3);
  EXPECT_EQ(memory.statistics().live_bytes, 100'000u);
  memory.Deallocate(block, 100'000, 8);
  EXPECT_EQ(memory.Finish(), Verdict::kOk);
}

TEST_F(Backings, LiveBlocksGoBackWithoutChecks) {
  CountingAllocator backing(SystemPages());
  DebugAllocator memory(backing);
  memory.SetErrorSink(&sink_);
  EXPECT_NE(memory.Allocate(10, 8), nullptr);
  EXPECT_NE(memory.Allocate(1 << 20, 8), nullptr);
  memory.FinishWithoutChecks();
  EXPECT_EQ(backing.blocks_out(), 0u);
  EXPECT_TRUE(sink_.leaks().empty());
  EXPECT_EQ(memory.Allocate(10, 8), nullptr) << "it is over";
}

TEST_F(Backings, AStaticBufferOfTensOfKibibytesWillDo) {
  alignas(4096) static unsigned char buffer[128 << 10];
  StaticBufferAllocator backing(buffer, sizeof(buffer));
  Options options;
  options.page_size = 4096;
  options.backing_allocator_zeroes = false;
  {
    DebugAllocator memory(backing, options, sink_);
    ASSERT_TRUE(memory.ok());
    for (int round = 0; round < 1000; ++round) {
      void* block = memory.Allocate(40, 8);
      ASSERT_NE(block, nullptr);
      memory.Deallocate(block, 40, 8);
    }
    EXPECT_EQ(memory.Finish(), Verdict::kOk);
  }
  EXPECT_EQ(backing.free_bytes(), sizeof(buffer));
  EXPECT_TRUE(sink_.errors().empty());
}

TEST_F(Backings, NoMemoryAtAllRefusesEverything) {
  CountingAllocator backing(SystemPages());
  backing.calls_until_refusal = 0;
  DebugAllocator memory(backing);
  EXPECT_FALSE(memory.ok());
  EXPECT_EQ(memory.Allocate(8, 8), nullptr);
  memory.Deallocate(nullptr, 8, 8);
  EXPECT_EQ(memory.DetectLeaks(), 0u);
  EXPECT_EQ(memory.CheckHeap(), 0u);
  EXPECT_EQ(memory.Finish(), Verdict::kOk);
}

// Whichever request is refused: what was there stays, and everything comes
// back.
TEST_F(Backings, EveryRefusalOfTheBackingIsSurvived) {
  for (bool hides_pages : {false, true}) {
    for (int64_t n = 0;; ++n) {
      ASSERT_LT(n, 1000) << "the refusals never stop";
      CountingAllocator backing(SystemPages());
      backing.hides_pages = hides_pages;
      backing.calls_until_refusal = n;
      DebugAllocator memory(backing);
      memory.SetErrorSink(&sink_);
      if (!memory.ok()) continue;
      std::vector<std::pair<void*, size_t>> live;
      for (size_t size : {1, 100, 5000, 40'000, 100, 300'000, 9}) {
        void* block = memory.Allocate(size, 8);
        if (block == nullptr) continue;
        memset(block, 7, size);
        void* moved = memory.Remap(block, size, 8, size + 100'000);
        if (moved != nullptr) size += 100'000;
        live.emplace_back(moved != nullptr ? moved : block, size);
      }
      bool refused = backing.calls_until_refusal == 0;
      for (auto [block, size] : live) {
        ASSERT_EQ(Bytes(block)[0], 7);
        memory.Deallocate(block, size, 8);
      }
      ASSERT_EQ(memory.Finish(), Verdict::kOk) << n;
      ASSERT_EQ(backing.blocks_out(), 0u) << n;
      ASSERT_TRUE(sink_.errors().empty()) << n;
      if (!refused) break;
    }
  }
}

}  // namespace
}  // namespace dbgalloc::testing_support
