// Blocks that are never freed: counts, groups, verdicts, ends without checks.
#include <memory>
#include <vector>

#include "alloc/debug_allocator_test_support.h"
#include "dbgalloc/page_allocator.h"
#include "gtest/gtest.h"

namespace dbgalloc::testing_support {
namespace {

[[gnu::noinline]] void* LeakLittle(DebugAllocator& memory) {
  void* block = memory.Allocate(10, 8);
  asm volatile("" ::: "memory");
  return block;
}
[[gnu::noinline]] void* LeakMuch(DebugAllocator& memory, size_t size) {
  void* block = memory.Allocate(size, 64);
  asm volatile("" ::: "memory");
  return block;
}

class LeakTest : public DebugAllocatorTest {};

TEST_F(LeakTest, NoneIsOk) {
  Free(Allocate(10), 10);
  EXPECT_EQ(allocator().DetectLeaks(), 0u);
  EXPECT_EQ(Finish(), Verdict::kOk);
}

TEST_F(LeakTest, AreGroupedByStackLargestFirst) {
  for (int i = 0; i < 100; ++i) LeakLittle(allocator());
  for (size_t i = 1; i <= 3; ++i) LeakMuch(allocator(), 50'000 * i);
  Free(Allocate(10), 10);
  EXPECT_EQ(allocator().DetectLeaks(), 103u);
  ASSERT_EQ(sink_.leaks().size(), 1u);
  const RecordingSink::Leaks& leaks = sink_.leaks()[0];
  EXPECT_EQ(leaks.blocks, 103u);
  EXPECT_EQ(leaks.bytes, 301'000u);
  EXPECT_EQ(leaks.operation, Operation::kHeapCheck);
  ASSERT_EQ(leaks.groups.size(), 2u);
  EXPECT_EQ(leaks.groups[0].blocks, 3u);
  EXPECT_EQ(leaks.groups[0].bytes, 300'000u);
  EXPECT_EQ(leaks.groups[0].example.alignment, 64u);
  EXPECT_NE(NewestFunction(leaks.groups[0].stack).find("LeakMuch"),
            std::string::npos);
  EXPECT_EQ(leaks.groups[1].blocks, 100u);
  EXPECT_EQ(leaks.groups[1].bytes, 1000u);
  EXPECT_NE(NewestFunction(leaks.groups[1].stack).find("LeakLittle"),
            std::string::npos);
  sink_.Clear();
  allocator().FinishWithoutChecks();
}

TEST_F(LeakTest, CanBeCountedAgainAndAgain) {
  void* block = LeakLittle(allocator());
  EXPECT_EQ(allocator().DetectLeaks(), 1u);
  EXPECT_EQ(allocator().DetectLeaks(), 1u);
  EXPECT_EQ(sink_.leaks().size(), 2u);
  Free(block, 10);
  EXPECT_EQ(allocator().DetectLeaks(), 0u);
  EXPECT_EQ(sink_.leaks().size(), 2u);
  sink_.Clear();
  EXPECT_EQ(Finish(), Verdict::kOk);
}

TEST_F(LeakTest, FinishSaysSoOnce) {
  LeakLittle(allocator());
  EXPECT_EQ(allocator().Finish(), Verdict::kLeak);
  EXPECT_EQ(allocator().Finish(), Verdict::kOk) << "it is over";
  ASSERT_EQ(sink_.leaks().size(), 1u);
  EXPECT_EQ(sink_.leaks()[0].operation, Operation::kDestruction);
  sink_.Clear();
}

TEST_F(LeakTest, DestructionChecksWhatFinishDidNot) {
  RecordingSink sink;
  {
    DebugAllocator memory;
    memory.SetErrorSink(&sink);
    LeakLittle(memory);
  }
  ASSERT_EQ(sink.leaks().size(), 1u);
  EXPECT_EQ(sink.leaks()[0].blocks, 1u);
}

TEST_F(LeakTest, DestructionWithoutAnyCheck) {
  LeakLittle(allocator());
  Bytes(LeakLittle(allocator()))[10] = 0;
  allocator().FinishWithoutChecks();
  EXPECT_TRUE(sink_.errors().empty());
  EXPECT_TRUE(sink_.leaks().empty());
}

TEST_F(LeakTest, DetectLeaksCanBeSwitchedOff) {
  Options options = BaseOptions();
  options.detect_leaks = false;
  Make(options);
  LeakLittle(allocator());
  EXPECT_EQ(Finish(), Verdict::kOk);
  EXPECT_TRUE(sink_.leaks().empty());
}

TEST_F(LeakTest, LeakedMemoryGoesBackToTheBackingAllocator) {
  CountingAllocator backing(SystemPages());
  RecordingSink sink;
  DebugAllocator memory(backing);
  memory.SetErrorSink(&sink);
  LeakLittle(memory);
  LeakMuch(memory, 1 << 20);
  EXPECT_EQ(memory.Finish(), Verdict::kLeak);
  EXPECT_EQ(backing.blocks_out(), 0u);
}

TEST_F(LeakTest, MoreGroupsThanHaveRoomAreStillAllCounted) {
  // Without stacks all blocks are one group; that of stack 0.
  Options options = BaseOptions();
  options.stack_trace_frames = 0;
  Make(options);
  for (int i = 0; i < 20'000; ++i) LeakLittle(allocator());
  EXPECT_EQ(allocator().DetectLeaks(), 20'000u);
  ASSERT_EQ(sink_.leaks().size(), 1u);
  EXPECT_EQ(sink_.leaks()[0].groups.size(), 1u);
  EXPECT_EQ(sink_.leaks()[0].groups[0].stack, 0u);
  EXPECT_EQ(sink_.leaks()[0].bytes, 200'000u);
  sink_.Clear();
  allocator().FinishWithoutChecks();
}

TEST_F(LeakTest, ManyInstancesSideBySideKeepApart) {
  constexpr int kInstances = 40;
  std::vector<std::unique_ptr<RecordingSink>> sinks;
  std::vector<std::unique_ptr<DebugAllocator>> instances;
  for (int i = 0; i < kInstances; ++i) {
    sinks.push_back(std::make_unique<RecordingSink>());
    instances.push_back(std::make_unique<DebugAllocator>());
    instances.back()->SetErrorSink(sinks.back().get());
  }
  for (int i = 0; i < kInstances; ++i) {
    for (int n = 0; n < i; ++n) LeakLittle(*instances[i]);
  }
  for (int i = kInstances - 1; i >= 0; --i) {
    EXPECT_EQ(instances[i]->statistics().live_blocks, uint64_t(i));
    EXPECT_EQ(instances[i]->Finish(), i == 0 ? Verdict::kOk : Verdict::kLeak);
    EXPECT_EQ(sinks[i]->leaks().size(), i == 0 ? 0u : 1u);
    EXPECT_TRUE(sinks[i]->errors().empty());
  }
}

}  // namespace
}  // namespace dbgalloc::testing_support
