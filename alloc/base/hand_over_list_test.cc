// The list's own code, in every order of its steps and with every value that a
// load may see.
#include "alloc/base/hand_over_list.h"

#include <memory>
#include <set>

#include "alloc/base/interleavings.h"
#include "gtest/gtest.h"

namespace dbgalloc::base {
namespace {

struct ModelledAtomics {
  template <typename T>
  using Atomic = Modelled<T>;
};

struct Node {
  ModelledPlain<Node*> next;
  ModelledPlain<int> content;
};

struct Shared {
  void Give(int i) {
    nodes[i].content = 10 + i;
    list.Push(&nodes[i]);
  }
  void Take() {
    for (Node* node = list.TakeAll(); node != nullptr; node = node->next) {
      taken.insert(node->content);
    }
  }
  HandOverList<Node, ModelledAtomics> list;
  Node nodes[3];
  std::multiset<int> taken;
};

// Two bring a node each, a third takes what is there, and the rest is taken in
// the end.
Scenario TwoGiveOneTakes() {
  auto shared = std::make_shared<Shared>();
  return {{[=] { shared->Give(0); }, [=] { shared->Give(1); },
           [=] { shared->Take(); }},
          [=] {
            shared->Take();
            return shared->taken == std::multiset<int>{10, 11};
          }};
}

constexpr ExplorationLimits kThreeInterruptions = {.most_interruptions = 3};

TEST(HandOverList, EachIsTakenOnceWithItsContents) {
  const Exploration all =
      ExploreAll(TwoGiveOneTakes, Orderings::kAsWritten, kThreeInterruptions);
  EXPECT_TRUE(all.holds) << all.failure;
  EXPECT_TRUE(all.is_complete);
  EXPECT_GT(all.runs, 200u);
}

TEST(HandOverList, WithoutReleaseAndAcquireContentsAreStale) {
  const Exploration all = ExploreAll(TwoGiveOneTakes, Orderings::kAllRelaxed);
  EXPECT_FALSE(all.holds);
  EXPECT_NE(all.failure, "");
}

}  // namespace
}  // namespace dbgalloc::base
