// The shared list's own code, in every order of its steps and with every value
// that a load may see.
#include <map>
#include <memory>
#include <set>

#include "alloc/base/interleavings.h"
#include "alloc/pool/batch_stack.h"
#include "gtest/gtest.h"

namespace dbgalloc::pool {
namespace {

using base::Exploration;
using base::ExploreAll;
using base::Orderings;
using base::Scenario;
using base::TaggedPointer;

constexpr base::ExplorationLimits kTwoInterruptions = {.most_interruptions = 2};

// The halves of the head are loaded one by one, the tag first, as
// base::LoadTagged() does it; the exchange is a full barrier.
template <bool kWithTag>
struct ModelHooks : NoStackHooks {
  static constexpr bool kTagged = kWithTag;

  static TaggedPointer LoadHead(const TaggedPointer& head) {
    const auto tag = base::model::Load(&head, std::memory_order_acquire)[1];
    const auto pointer = base::model::Load(&head, std::memory_order_acquire)[0];
    return {static_cast<uintptr_t>(pointer), static_cast<uintptr_t>(tag)};
  }
  static bool SwapHead(TaggedPointer& head, TaggedPointer expected,
                       TaggedPointer desired) {
    base::model::Value found = {expected.pointer, expected.tag};
    return base::model::CompareExchange(
        &head, &found, {desired.pointer, desired.tag},
        std::memory_order_acq_rel, std::memory_order_acquire);
  }
  static uint64_t LoadLink(const uint64_t* link) {
    return base::model::Load(link, std::memory_order_relaxed)[0];
  }
  static void StoreLink(uint64_t* link, uint64_t value) {
    base::model::Store(link, {value}, std::memory_order_relaxed);
  }
};

// A stack, and as many batches as it takes.
template <bool kWithTag>
struct Shared {
  explicit Shared(int batches) {
    stack.Init(StackForm::kInstruction);
    const TaggedPointer empty;
    base::model::Store(&stack, {empty.pointer, empty.tag},
                       std::memory_order_relaxed);
    for (int i = 0; i < batches; ++i) {
      base::model::Store(&words[2 * i], {}, std::memory_order_relaxed);
    }
  }
  Batch BatchOf(int i) {
    return {reinterpret_cast<uintptr_t>(&words[2 * i]),
            static_cast<uint32_t>(100 + i)};
  }
  // Takes one and notes it.
  void PopInto(std::vector<Batch>& popped) {
    const Batch batch = stack.Pop();
    if (batch.first != 0) popped.push_back(batch);
  }
  // Whether each of the first `batches` was handed out once, with its count.
  bool AllOnce(int batches) {
    std::multiset<std::pair<uintptr_t, uint32_t>> found, expected;
    for (int i = 0; i < batches; ++i) {
      expected.emplace(BatchOf(i).first, BatchOf(i).count);
    }
    for (const auto& popped : popped_by) {
      for (const Batch& batch : popped) found.emplace(batch.first, batch.count);
    }
    for (int i = 0; i < batches + 1; ++i) {
      const Batch left = stack.Pop();
      if (left.first != 0) found.emplace(left.first, left.count);
    }
    return found == expected;
  }

  // The head is its first member.
  BasicBatchStack<ModelHooks<kWithTag>> stack;
  alignas(16) uint64_t words[8] = {};
  std::vector<Batch> popped_by[3];
};

// One thread brings a batch, another takes one; one batch is there already.
Scenario PushAndPop() {
  auto shared = std::make_shared<Shared<true>>(2);
  shared->stack.Push(shared->BatchOf(0));
  return {{[=] { shared->stack.Push(shared->BatchOf(1)); },
           [=] { shared->PopInto(shared->popped_by[1]); }},
          [=] { return shared->AllOnce(2); }};
}

// The schedule that the tag is for is among these: one thread takes the first
// batch; the other takes two and brings the first one back.
template <bool kWithTag>
Scenario TakeTwoBringOneBack() {
  auto shared = std::make_shared<Shared<kWithTag>>(4);
  for (int i = 0; i < 3; ++i) shared->stack.Push(shared->BatchOf(i));
  return {{[=] { shared->PopInto(shared->popped_by[0]); },
           [=] {
             const Batch first = shared->stack.Pop();
             shared->PopInto(shared->popped_by[1]);
             // The number of batches is as it was, too.
             shared->stack.Push(shared->BatchOf(3));
             if (first.first != 0) shared->stack.Push(first);
           }},
          [=] { return shared->AllOnce(4); }};
}

TEST(BatchStackOrder, NoOrderOfPushAndPopLosesABatch) {
  const Exploration all = ExploreAll(PushAndPop, Orderings::kAsWritten);
  EXPECT_TRUE(all.holds) << all.failure;
  EXPECT_TRUE(all.is_complete);
  EXPECT_GT(all.runs, 50u);
}

TEST(BatchStackOrder, WithoutReleaseAndAcquireACountIsStale) {
  EXPECT_FALSE(ExploreAll(PushAndPop, Orderings::kAllRelaxed).holds);
}

TEST(BatchStackOrder, WithTheTagNothingIsHandedOutTwice) {
  const Exploration all = ExploreAll(TakeTwoBringOneBack<true>,
                                     Orderings::kAsWritten, kTwoInterruptions);
  EXPECT_TRUE(all.holds) << all.failure;
  EXPECT_TRUE(all.is_complete);
}

TEST(BatchStackOrder, WithoutTheTagTheOrderIsFoundThatHandsOutTwice) {
  EXPECT_FALSE(ExploreAll(TakeTwoBringOneBack<false>, Orderings::kAsWritten,
                          kTwoInterruptions)
                   .holds);
}

}  // namespace
}  // namespace dbgalloc::pool
