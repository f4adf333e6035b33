// How the depot links a trace: its own code, in every order of its steps and
// with every value that a load may see.
#include "alloc/stack/chain_link.h"

#include <memory>

#include "alloc/base/interleavings.h"
#include "gtest/gtest.h"

namespace dbgalloc::stack {
namespace {

using base::Exploration;
using base::ExploreAll;
using base::Orderings;
using base::Scenario;

struct Node {
  base::ModelledPlain<uint32_t> next;
  base::ModelledPlain<uint32_t> trace;
};

// A chain of one bucket; a trace is one number here.
struct Chain {
  uint32_t Find(uint32_t id, uint32_t trace) {
    for (; id != 0; id = nodes[id].next) {
      if (nodes[id].trace == trace) return id;
    }
    return 0;
  }
  // As StackDepot::Insert() and Link().
  uint32_t Intern(uint32_t own_id, uint32_t trace) {
    nodes[own_id].trace = trace;
    for (;;) {
      const LinkAttempt attempt = TryLink(
          bucket, own_id, [&](uint32_t next) { nodes[own_id].next = next; },
          [&](uint32_t first) { return Find(first, trace); });
      if (attempt.found != 0) return attempt.found;
      if (attempt.is_linked) return own_id;
    }
  }
  uint32_t Length() {
    uint32_t length = 0;
    auto id = static_cast<uint32_t>(bucket.load());
    for (; id != 0; id = nodes[id].next) ++length;
    return length;
  }

  base::Modelled<uint64_t> bucket;
  Node nodes[4];
  uint32_t ids[3] = {};
};

// Two threads bring the same trace, and one of them another one before.
Scenario SameAndAnother() {
  auto chain = std::make_shared<Chain>();
  return {{[=] {
             chain->Intern(3, 300);
             chain->ids[0] = chain->Intern(1, 100);
           },
           [=] { chain->ids[1] = chain->Intern(2, 100); }},
          [=] {
            return chain->Length() == 2 && chain->ids[0] == chain->ids[1] &&
                   chain->Find(static_cast<uint32_t>(chain->bucket.load()),
                               300) == 3;
          }};
}

constexpr base::ExplorationLimits kThreeInterruptions = {.most_interruptions =
                                                             3};

TEST(ChainLink, ATraceIsStoredOnce) {
  const Exploration all =
      ExploreAll(SameAndAnother, Orderings::kAsWritten, kThreeInterruptions);
  EXPECT_TRUE(all.holds) << all.failure;
  EXPECT_TRUE(all.is_complete);
  EXPECT_GT(all.runs, 200u);
}

TEST(ChainLink, WithoutReleaseAndAcquireItIsStoredTwice) {
  EXPECT_FALSE(
      ExploreAll(SameAndAnother, Orderings::kAllRelaxed, kThreeInterruptions)
          .holds);
}

}  // namespace
}  // namespace dbgalloc::stack
