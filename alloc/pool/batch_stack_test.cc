#include "alloc/pool/batch_stack.h"

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace dbgalloc::pool {
namespace {

struct alignas(16) FakeBlock {
  std::atomic<uint64_t> words[2] = {};
  uintptr_t address() const { return reinterpret_cast<uintptr_t>(this); }
};

class BatchStackTest : public testing::TestWithParam<StackForm> {
 protected:
  void SetUp() override {
    if (GetParam() == StackForm::kInstruction && !base::CanCompareTagged()) {
      GTEST_SKIP() << "this processor or build has no 128-bit exchange";
    }
    stack_.Init(GetParam());
  }
  BatchStack stack_;
  FakeBlock blocks_[64];
};

TEST_P(BatchStackTest, LastInFirstOutWithCounts) {
  EXPECT_EQ(stack_.Pop().first, 0u);
  stack_.Push({blocks_[0].address(), 7});
  stack_.Push({blocks_[1].address(), kMaxBatch});
  EXPECT_EQ(stack_.batches(), 2u);
  Batch second = stack_.Pop();
  EXPECT_EQ(second.first, blocks_[1].address());
  EXPECT_EQ(second.count, kMaxBatch);
  Batch first = stack_.Pop();
  EXPECT_EQ(first.first, blocks_[0].address());
  EXPECT_EQ(first.count, 7u);
  EXPECT_EQ(stack_.Pop().first, 0u);
  EXPECT_EQ(stack_.batches(), 0u);
}

TEST_P(BatchStackTest, ThreadsLoseAndDoubleNothing) {
  constexpr int kThreads = 4;
  constexpr int kTurns = 20000;
  for (FakeBlock& block : blocks_) stack_.Push({block.address(), 1});
  std::atomic<int> doubled{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int turn = 0; turn < kTurns; ++turn) {
        Batch batch = stack_.Pop();
        if (batch.first == 0) continue;
        auto* block = reinterpret_cast<FakeBlock*>(batch.first);
        if (block->words[1].exchange(1) != 0) ++doubled;
        block->words[1].store(0);
        stack_.Push(batch);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(doubled.load(), 0);
  int left = 0;
  while (stack_.Pop().first != 0) ++left;
  EXPECT_EQ(left, 64);
}

INSTANTIATE_TEST_SUITE_P(Forms, BatchStackTest,
                         testing::Values(StackForm::kInstruction,
                                         StackForm::kLock));

// --- The schedule that a tag is for ---

// Runs once, between a Pop's look at the head and its swap.
std::function<void()>* interruption = nullptr;

template <bool kWithTag>
struct InterruptedHooks : NoStackHooks {
  static constexpr bool kTagged = kWithTag;
  static void BetweenLoadAndSwap() {
    std::function<void()>* now = interruption;
    interruption = nullptr;
    if (now != nullptr) (*now)();
  }
};

// A looks at [a b c] and sleeps; meanwhile others take a and b and bring a
// back: [a c]. If A now installs b as the head, b is handed out twice.
template <bool kWithTag>
bool HandsOutTwice() {
  BasicBatchStack<InterruptedHooks<kWithTag>> stack;
  stack.Init(StackForm::kInstruction);
  FakeBlock a, b, c, fresh;
  stack.Push({c.address(), 1});
  stack.Push({b.address(), 1});
  stack.Push({a.address(), 1});
  std::function<void()> others = [&] {
    Batch taken = stack.Pop();
    stack.Pop();  // b belongs to another thread from here on
    // The number of batches is the same again, too.
    stack.Push({fresh.address(), 1});
    stack.Push(taken);
  };
  interruption = &others;
  stack.Pop();
  bool twice = false;
  for (Batch left = stack.Pop(); left.first != 0; left = stack.Pop()) {
    if (left.first == b.address()) twice = true;
  }
  return twice;
}

TEST(BatchStackSchedule, WithTheTagNothingIsHandedOutTwice) {
  if (!base::CanCompareTagged()) GTEST_SKIP();
  EXPECT_FALSE(HandsOutTwice<true>());
}

TEST(BatchStackSchedule, WithoutTheTagTheScheduleDoesHandOutTwice) {
  if (!base::CanCompareTagged()) GTEST_SKIP();
  EXPECT_TRUE(HandsOutTwice<false>());
}

}  // namespace
}  // namespace dbgalloc::pool
