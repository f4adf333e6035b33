// Counts the requests that succeed, and picks those that shall fail.
//
//   index < first_index ----------------------------> passes, takes the index
//   size window, stack pattern, every, probability,
//   count: one of them says no ----------------------> passes, takes the index
//   all say yes ------------------------------------> fails, the index stays
//
// Only what succeeds advances the index: a request that failed leaves its index
// to the next one.
#ifndef DBGALLOC_ALLOC_FAIL_FAIL_GATE_H_
#define DBGALLOC_ALLOC_FAIL_FAIL_GATE_H_

#include <atomic>
#include <cstdint>

#include "alloc/fail/fail_rules.h"
#include "alloc/fail/stack_pattern.h"

namespace dbgalloc::fail {

// Threads: any, apart from SetRules(). Each index is given to one request, so
// of several threads at the limit exactly as many pass as there is room for,
// and `count` is never exceeded. Constant-initialized; never allocates.
class FailGate {
 public:
  constexpr FailGate() = default;
  FailGate(const FailGate&) = delete;
  FailGate& operator=(const FailGate&) = delete;

  // Not while other threads use the gate. The text of the stack pattern must
  // outlive it.
  void SetRules(const FailRules& rules);

  // Moves the first index that may fail, at any time, and starts the count of
  // failures anew: raising it lets requests through again.
  void SetFirstIndex(uint64_t index);

  // False: this request shall fail. Else `*index` is the caller's; if the
  // request fails nevertheless, it says so with GiveBack(). `stack_of` yields
  // the id of the calling stack and is asked only where a pattern needs it.
  template <typename StackOf>
  bool Admit(uint64_t size, const StackOf& stack_of, uint64_t* index) {
    *index = next_.load(std::memory_order_relaxed);
    do {
      if (*index >= first_index_.load(std::memory_order_relaxed)) {
        if (HasSize(size) &&
            (pattern_.empty() || pattern_.Matches(stack_of())) && TakeTurn()) {
          return false;
        }
        *index = next_.fetch_add(1);
        return true;
      }
    } while (!next_.compare_exchange_weak(*index, *index + 1));
    return true;
  }

  void GiveBack() { next_.fetch_sub(1); }

  // Of the next request; as many succeeded so far.
  uint64_t next() const { return next_.load(); }

  // Starts counting anew: indices, failures, turns.
  void ResetCounters();

 private:
  bool HasSize(uint64_t size) const {
    return size >= rules_.min_size && size <= rules_.max_size;
  }

  // Whether a request that may fail does.
  bool TakeTurn();

  FailRules rules_;
  StackPattern pattern_;
  std::atomic<uint64_t> first_index_{kNever};
  std::atomic<uint64_t> next_{0};
  std::atomic<uint64_t> turns_{0};     // requests that might have failed
  std::atomic<uint64_t> failures_{0};  // of them, those that did
};

}  // namespace dbgalloc::fail

#endif  // DBGALLOC_ALLOC_FAIL_FAIL_GATE_H_
