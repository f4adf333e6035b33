#include "alloc/fail/fail_gate.h"

namespace dbgalloc::fail {
namespace {

// A number in [0, 1) for each turn: a finalizer that spreads every bit
// (splitmix64).
double DrawnFor(uint64_t seed, uint64_t turn) {
  uint64_t bits = seed + (turn + 1) * 0x9e3779b97f4a7c15u;
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9u;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebu;
  bits ^= bits >> 31;
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

}  // namespace

void FailGate::SetRules(const FailRules& rules) {
  rules_ = rules;
  pattern_.Set(rules.stack);
  SetFirstIndex(rules.first_index);
}

void FailGate::SetFirstIndex(uint64_t index) {
  turns_.store(0);
  failures_.store(0);
  first_index_.store(index);
}

bool FailGate::TakeTurn() {
  const uint64_t turn = turns_.fetch_add(1);
  if (turn % rules_.every != 0) return false;
  if (rules_.probability < 1 &&
      DrawnFor(rules_.seed, turn / rules_.every) >= rules_.probability) {
    return false;
  }
  uint64_t failures = failures_.load();
  do {
    if (failures >= rules_.count) return false;
  } while (!failures_.compare_exchange_weak(failures, failures + 1));
  return true;
}

void FailGate::ResetCounters() {
  next_.store(0);
  turns_.store(0);
  failures_.store(0);
}

}  // namespace dbgalloc::fail
