// break_at, trace_alloc and bisect on one allocator. What they look like from
// outside a program is tested in testdata/watch.
#include <signal.h>

#include <string>
#include <thread>
#include <vector>

#include "alloc/debug_allocator_test_support.h"
#include "alloc/stack/stack_hash.h"
#include "gtest/gtest.h"

namespace dbgalloc::testing_support {
namespace {

using Deed = OperationTrace::Deed;

// Where the last SIGTRAP was handled, and how many were.
volatile sig_atomic_t traps = 0;
pthread_t trapped_thread;

void OnTrap(int) {
  traps = traps + 1;
  trapped_thread = pthread_self();
}

class WatchTest : public DebugAllocatorTest {
 protected:
  WatchTest() {
    traps = 0;
    struct sigaction action = {};
    action.sa_handler = OnTrap;
    sigaction(SIGTRAP, &action, &old_action_);
  }
  ~WatchTest() override { sigaction(SIGTRAP, &old_action_, nullptr); }

  void MakeWith(const std::string& break_at, const std::string& trace_alloc) {
    Options options = BaseOptions();
    options.break_at = break_at;
    options.trace_alloc = trace_alloc;
    Make(options);
  }

  std::vector<OperationTrace> TakeTraces() { return sink_.TakeTraces(); }

  struct sigaction old_action_ = {};
};

[[gnu::noinline]] void* AllocateHere(DebugAllocator& allocator, size_t size) {
  void* block = allocator.Allocate(size, 8);
  asm volatile("" : : "r"(block) : "memory");
  return block;
}

[[gnu::noinline]] void* AllocateThere(DebugAllocator& allocator, size_t size) {
  void* block = allocator.Allocate(size, 8);
  asm volatile("" : : "r"(block) : "memory");
  return block;
}

uint32_t HashOf(const DebugAllocator& allocator, const void* block) {
  return stack::StackHash(allocator.Describe(block).allocated.stack);
}

std::string Text(uint32_t hash) {
  char text[16];
  snprintf(text, sizeof(text), "0x%08x", hash);
  return text;
}

TEST_F(WatchTest, NothingIsToldUnlessAsked) {
  Make(BaseOptions());
  Free(Allocate(24), 24);
  EXPECT_TRUE(TakeTraces().empty());
  EXPECT_EQ(traps, 0);
}

TEST_F(WatchTest, ANumberIsTracedWithTheLifeOfItsBlock) {
  MakeWith("", "2");
  void* first = Allocate(10);
  void* second = Allocate(24);
  ASSERT_TRUE(allocator().Resize(second, 24, 8, 25));
  Free(first, 10);
  Free(second, 25);
  const std::vector<OperationTrace> traces = TakeTraces();
  ASSERT_EQ(traces.size(), 3u);
  const Deed deeds[] = {Deed::kAllocated, Deed::kResized, Deed::kFrees};
  const uint64_t numbers[] = {2, 3, 5};
  const uint64_t sizes[] = {24, 25, 25};
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(traces[i].deed, deeds[i]);
    EXPECT_EQ(traces[i].now.number, numbers[i]);
    EXPECT_EQ(traces[i].block.allocated.number, 2u);
    EXPECT_EQ(traces[i].block.size, sizes[i]);
    EXPECT_EQ(traces[i].block.begin, AddressOf(second));
    EXPECT_TRUE(traces[i].block.live) << "told before it is freed";
    EXPECT_NE(traces[i].now.stack, 0u);
    EXPECT_FALSE(traces[i].breaks);
  }
  EXPECT_EQ(traps, 0);
}

TEST_F(WatchTest, AFreeCanBeChosenByItsOwnNumber) {
  MakeWith("", "2-3");
  void* block = Allocate(10);
  Free(block, 10);
  Free(Allocate(20), 20);
  const std::vector<OperationTrace> traces = TakeTraces();
  ASSERT_EQ(traces.size(), 3u);
  EXPECT_EQ(traces[0].deed, Deed::kFrees);
  EXPECT_EQ(traces[1].deed, Deed::kAllocated);
  EXPECT_EQ(traces[2].now.number, 4u) << "the block was allocated by 3";
}

TEST_F(WatchTest, AMoveIsAnAllocationAndAFree) {
  MakeWith("", "1-4");
  void* block = Allocate(100'000);
  block = allocator().Remap(block, 100'000, 8, 20'000'000);
  ASSERT_NE(block, nullptr);
  const std::vector<OperationTrace> traces = TakeTraces();
  ASSERT_EQ(traces.size(), 3u);
  EXPECT_EQ(traces[1].deed, Deed::kMoved);
  EXPECT_EQ(traces[1].block.size, 20'000'000u);
  EXPECT_EQ(traces[2].deed, Deed::kFrees);
  EXPECT_EQ(traces[2].block.allocated.number, 1u);
  EXPECT_EQ(traces[2].now.number, 3u);
  Free(block, 20'000'000);
}

TEST_F(WatchTest, AHashChoosesWhatOneStackDoes) {
  Make(BaseOptions());
  uint32_t hash = 0;
  void* (*const kAllocate[])(DebugAllocator&, size_t) = {AllocateHere,
                                                         AllocateThere};
  for (int round = 0; round < 2; ++round) {
    if (round == 1) MakeWith("", Text(hash));
    for (int i = 0; i < 6; ++i) {
      void* block = kAllocate[i % 2](allocator(), 24);
      if (round == 0 && i == 0) hash = HashOf(allocator(), block);
      Free(block, 24);
    }
  }
  const std::vector<OperationTrace> traces = TakeTraces();
  ASSERT_EQ(traces.size(), 6u) << "three allocations, three frees";
  for (const OperationTrace& trace : traces) {
    EXPECT_NE(NewestFunction(trace.block.allocated.stack).find("AllocateHere"),
              std::string::npos);
  }
}

TEST_F(WatchTest, ABreakRaisesSigtrapInTheThreadThatDoesIt) {
  MakeWith("2", "");
  Free(Allocate(10), 10);
  EXPECT_EQ(traps, 1) << "the free is operation 2";
  MakeWith("1", "");
  pthread_t worker;
  std::thread([&] {
    worker = pthread_self();
    void* block = Allocate(24);
    EXPECT_EQ(traps, 2);
    EXPECT_TRUE(pthread_equal(trapped_thread, worker));
    Free(block, 24);
  }).join();
  EXPECT_EQ(traps, 2);
  const std::vector<OperationTrace> traces = TakeTraces();
  ASSERT_EQ(traces.size(), 2u);
  EXPECT_TRUE(traces[0].breaks);
  EXPECT_TRUE(traces[1].breaks);
}

TEST_F(WatchTest, BisectFillsTheBlocksOfItsStacksAlone) {
  Options options = BaseOptions();
  uint32_t hash = 0;
  for (int round = 0; round < 3; ++round) {
    if (round == 1) options.bisect = Text(hash - 1) + "-" + Text(hash);
    if (round == 2) options.bisect = Text(hash + 1) + "-" + Text(hash + 2);
    Make(options);
    unsigned char* bytes = Bytes(AllocateHere(allocator(), 4000));
    if (round == 0) hash = HashOf(allocator(), bytes);
    const bool filled = round < 2;
    EXPECT_EQ(bytes[2000] == 0xaa, filled) << round;
    bytes[2000] = 0x11;
    Free(bytes, 4000);
    EXPECT_EQ(bytes[2000] == 0xdd, filled) << round;
    bytes[2000] = 0x22;
    EXPECT_EQ(allocator().CheckHeap(), filled ? 1u : 0u)
        << "what was not filled is not verified";
    sink_.Clear();
  }
}

TEST_F(WatchTest, BisectGuardsTheBlocksOfItsStacksAlone) {
  constexpr size_t kSize = 48;
  constexpr uintptr_t kPage = 4096;
  Options options = BaseOptions();
  options.guard = GuardChoice::kAll;
  options.guard_align = GuardAlignChoice::kRight;
  uint32_t hash = 0;
  for (int round = 0; round < 3; ++round) {
    if (round == 1) options.bisect = Text(hash);
    if (round == 2) options.bisect = Text(hash + 1);
    Make(options);
    int guarded = 0;
    for (int i = 0; i < 4; ++i) {
      void* block = AllocateHere(allocator(), kSize);
      if (round == 0) hash = HashOf(allocator(), block);
      if ((AddressOf(block) + kSize) % kPage == 0) ++guarded;
      Free(block, kSize);
    }
    EXPECT_EQ(guarded, round < 2 ? 4 : 0) << round;
  }
}

TEST_F(WatchTest, NonsenseSetInCodeSelectsNothing) {
  MakeWith("everything", "1,");
  Free(Allocate(24), 24);
  EXPECT_TRUE(TakeTraces().empty());
  EXPECT_EQ(traps, 0);
}

}  // namespace
}  // namespace dbgalloc::testing_support
