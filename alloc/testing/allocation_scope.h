// What a piece of code allocates, and budgets for it in tests.
//
//   EXPECT_NO_ALLOCATIONS { queue.Push(7); }
//   EXPECT_ALLOCATIONS(dbgalloc::AllocationBudget().AtMost(2).Bytes(256)) {
//     table.Insert("key", "value");
//   }
//
//   dbgalloc::AllocationScope scope;
//   Parse(text);
//   EXPECT_EQ(scope.counts().allocations, 1u);
//
// Counted are malloc and its family and every operator new, in a program whose
// malloc is dbgalloc's (malloc = "@dbgalloc//:malloc", --custom_malloc, or
// libdbgalloc.so preloaded). In any other program a budget fails and says so: a
// count of 0 would prove nothing there.
#ifndef DBGALLOC_ALLOC_TESTING_ALLOCATION_SCOPE_H_
#define DBGALLOC_ALLOC_TESTING_ALLOCATION_SCOPE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "dbgalloc/call_site.h"

namespace dbgalloc {

// What happened since a scope began. Bytes are requested bytes.
struct AllocationCounts {
  uint64_t allocations = 0;  // a realloc that succeeds counts as one
  uint64_t frees = 0;
  uint64_t allocated_bytes = 0;
  uint64_t freed_bytes = 0;
  // By how much the most that was live since then exceeded what was live at
  // the beginning.
  uint64_t peak_bytes = 0;
};

enum class CountedThreads {
  kThisOne,  // the one that made the scope
  kAll,
};

// Counts from its construction to its destruction. Scopes nest in any order.
//
// Threads: counts() may be called from any thread; a scope of kThisOne is
// destroyed by the thread that made it.
// Cost: while any scope lives, each call of malloc or free takes a slower way.
class AllocationScope {
 public:
  explicit AllocationScope(CountedThreads threads = CountedThreads::kThisOne);
  ~AllocationScope();
  AllocationScope(const AllocationScope&) = delete;
  AllocationScope& operator=(const AllocationScope&) = delete;

  // False: nothing in this program counts; all counts stay 0.
  static bool IsLive();

  AllocationCounts counts() const;
  // The stack of the first allocation in the scope, in the lines of a report;
  // "" when there was none or no stack is known.
  std::string FirstStack() const;

 private:
  friend class AllocationScopes;
  struct State;
  State* state_;
};

// What code may allocate. Without a call of AtMost or Exactly, any number of
// allocations is fine; the same for bytes and the peak.
class AllocationBudget {
 public:
  static constexpr uint64_t kAny = UINT64_MAX;

  AllocationBudget& Exactly(uint64_t allocations) {
    least_allocations_ = most_allocations_ = allocations;
    return *this;
  }
  AllocationBudget& AtMost(uint64_t allocations) {
    least_allocations_ = 0;
    most_allocations_ = allocations;
    return *this;
  }
  // At most so many, all allocations together.
  AllocationBudget& Bytes(uint64_t bytes) {
    most_bytes_ = bytes;
    return *this;
  }
  // At most so many at once, beyond what was live before.
  AllocationBudget& Peak(uint64_t bytes) {
    most_peak_bytes_ = bytes;
    return *this;
  }
  AllocationBudget& InAllThreads() {
    threads_ = CountedThreads::kAll;
    return *this;
  }

  CountedThreads threads() const { return threads_; }
  // What is wrong with these counts, a line each; "" when they keep to it.
  std::string Violations(const AllocationCounts& counts) const;

 private:
  uint64_t least_allocations_ = 0;
  uint64_t most_allocations_ = kAny;
  uint64_t most_bytes_ = kAny;
  uint64_t most_peak_bytes_ = kAny;
  CountedThreads threads_ = CountedThreads::kThisOne;
};

// Checks a budget when it is destroyed, however the block is left, and fails
// the running GoogleTest test at the place that it was made at.
class BudgetCheck {
 public:
  explicit BudgetCheck(const AllocationBudget& budget,
                       CallSite site = CallSite::Current());
  ~BudgetCheck();
  BudgetCheck(const BudgetCheck&) = delete;
  BudgetCheck& operator=(const BudgetCheck&) = delete;

  // True the first time: for the macros below, whose block runs once.
  bool Begin() {
    const bool is_first = !has_begun_;
    has_begun_ = true;
    return is_first;
  }

 private:
  AllocationBudget budget_;
  CallSite site_;
  bool is_live_;
  bool has_begun_ = false;
  AllocationScope scope_;
};

}  // namespace dbgalloc

// Precede a block.
#define EXPECT_ALLOCATIONS(budget)                              \
  for (::dbgalloc::BudgetCheck dbgalloc_budget_check((budget)); \
       dbgalloc_budget_check.Begin();)

#define EXPECT_NO_ALLOCATIONS \
  EXPECT_ALLOCATIONS(::dbgalloc::AllocationBudget().Exactly(0))

#endif  // DBGALLOC_ALLOC_TESTING_ALLOCATION_SCOPE_H_
