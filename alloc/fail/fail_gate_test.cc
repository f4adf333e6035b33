#include "alloc/fail/fail_gate.h"

#include <cstdint>
#include <string>

#include "alloc/fail/fail_rules.h"
#include "gtest/gtest.h"

namespace dbgalloc::fail {
namespace {

FailRules RulesFrom(uint64_t first_index) {
  FailRules rules;
  rules.first_index = first_index;
  return rules;
}

// One letter for each request: '.' passed, 'F' failed.
std::string Requests(FailGate& gate, int requests, uint64_t size = 8) {
  std::string seen;
  for (int i = 0; i < requests; ++i) {
    uint64_t index = 0;
    seen += gate.Admit(
                size, [] { return 0u; }, &index)
                ? '.'
                : 'F';
  }
  return seen;
}

TEST(FailGate, PassesEverythingWithoutRules) {
  FailGate gate;
  EXPECT_EQ(Requests(gate, 3), "...");
  EXPECT_EQ(gate.next(), 3u);
}

TEST(FailGate, FailsFromTheIndexOnAndTheIndexStays) {
  FailGate gate;
  gate.SetRules(RulesFrom(2));
  EXPECT_EQ(Requests(gate, 5), "..FFF");
  EXPECT_EQ(gate.next(), 2u);
}

TEST(FailGate, OnceLeavesTheIndexToTheNextRequest) {
  FailGate gate;
  FailRules rules = RulesFrom(2);
  rules.count = 1;
  gate.SetRules(rules);
  EXPECT_EQ(Requests(gate, 5), "..F..");
  EXPECT_EQ(gate.next(), 4u);
}

TEST(FailGate, CountBoundsTheFailures) {
  FailGate gate;
  FailRules rules = RulesFrom(1);
  rules.count = 2;
  gate.SetRules(rules);
  EXPECT_EQ(Requests(gate, 5), ".FF..");
}

TEST(FailGate, EveryBeginsWithTheFirstThatMayFail) {
  FailGate gate;
  FailRules rules = RulesFrom(1);
  rules.every = 3;
  gate.SetRules(rules);
  EXPECT_EQ(Requests(gate, 8), ".F..F..F");
}

TEST(FailGate, TheSizeWindowChoosesAmongThoseFromTheIndexOn) {
  FailGate gate;
  FailRules rules = RulesFrom(1);
  rules.min_size = 16;
  rules.max_size = 32;
  gate.SetRules(rules);
  EXPECT_EQ(Requests(gate, 1, 16), ".");
  EXPECT_EQ(Requests(gate, 1, 15), ".");
  EXPECT_EQ(Requests(gate, 1, 16), "F");
  EXPECT_EQ(Requests(gate, 1, 32), "F");
  EXPECT_EQ(Requests(gate, 1, 33), ".");
  EXPECT_EQ(gate.next(), 3u);
}

TEST(FailGate, AProbabilityIsTheSameForTheSameSeed) {
  FailRules rules = RulesFrom(0);
  rules.probability = 0.25;
  rules.seed = 1;
  FailGate first, again, other;
  first.SetRules(rules);
  again.SetRules(rules);
  rules.seed = 2;
  other.SetRules(rules);
  const std::string seen = Requests(first, 4000);
  EXPECT_EQ(Requests(again, 4000), seen);
  EXPECT_NE(Requests(other, 4000), seen);
  int failures = 0;
  for (char c : seen) failures += c == 'F';
  EXPECT_GT(failures, 850);
  EXPECT_LT(failures, 1150);
}

TEST(FailGate, ProbabilitiesOfZeroAndOneAreCertain) {
  FailRules rules = RulesFrom(0);
  rules.probability = 0;
  FailGate never, always;
  never.SetRules(rules);
  rules.probability = 1;
  always.SetRules(rules);
  EXPECT_EQ(Requests(never, 100), std::string(100, '.'));
  EXPECT_EQ(Requests(always, 100), std::string(100, 'F'));
}

TEST(FailGate, RaisingTheIndexResumesAndFailsAnew) {
  FailGate gate;
  FailRules rules = RulesFrom(0);
  rules.count = 1;
  gate.SetRules(rules);
  EXPECT_EQ(Requests(gate, 3), "F..");
  gate.SetFirstIndex(3);
  EXPECT_EQ(Requests(gate, 3), ".F.");
}

TEST(FailGate, ResettingTheCountersKeepsTheRules) {
  FailGate gate;
  gate.SetRules(RulesFrom(1));
  EXPECT_EQ(Requests(gate, 2), ".F");
  gate.ResetCounters();
  EXPECT_EQ(gate.next(), 0u);
  EXPECT_EQ(Requests(gate, 2), ".F");
}

TEST(FailGate, WhatDidNotSucceedGivesItsIndexBack) {
  FailGate gate;
  gate.SetRules(RulesFrom(1));
  EXPECT_EQ(Requests(gate, 1), ".");
  gate.GiveBack();
  EXPECT_EQ(Requests(gate, 2), ".F");
}

TEST(FailGate, AStackIsAskedForOnlyWhereAPatternNeedsIt) {
  FailGate gate;
  FailRules rules = RulesFrom(1);
  rules.stack = "no_such_function";
  gate.SetRules(rules);
  int asked = 0;
  const auto stack_of = [&asked] {
    ++asked;
    return 0u;
  };
  uint64_t index = 0;
  EXPECT_TRUE(gate.Admit(8, stack_of, &index));
  EXPECT_EQ(asked, 0);
  EXPECT_TRUE(gate.Admit(8, stack_of, &index));
  EXPECT_EQ(asked, 1);
}

}  // namespace
}  // namespace dbgalloc::fail
