// CheckAllAllocationFailures: does this code survive every failure of every
// allocation?
//
//   TEST(Parser, SurvivesOutOfMemory) {
//     EXPECT_TRUE(dbgalloc::CheckAllAllocationFailures(
//         [](dbgalloc::Allocator& memory) { return Parse(memory, kText); }));
//   }
//
// A function that takes nothing is swept through malloc and operator new
// (//:malloc). It returns true for success and false for failure, or nothing,
// and then says by std::bad_alloc that memory ran out.
#ifndef DBGALLOC_ALLOC_TESTING_ALLOCATION_FAILURES_H_
#define DBGALLOC_ALLOC_TESTING_ALLOCATION_FAILURES_H_

#include <functional>
#include <type_traits>

#include "dbgalloc/allocator.h"
#include "dbgalloc/testing/failure_sweep.h"
#include "gtest/gtest.h"

namespace dbgalloc {

// Lets several shards of one test share the points of each sweep; without it
// GoogleTest gives each whole test to one shard. To be called before
// InitGoogleTest; //alloc/testing:sweep_main does so.
void TakeShardsForSweeps();

// The defaults of a test: DBGALLOC_SWEEP, and the shard, if shards were taken.
FailureSweepOptions DefaultSweepOptions();

// Success, or all findings as a message.
::testing::AssertionResult AssertionOf(const FailureSweepResult& result);

// `function` as one that says whether it succeeded.
template <typename Result, typename Call>
bool Succeeds(const Call& call) {
  if constexpr (std::is_void_v<Result>) {
    call();
    return true;
  } else {
    return static_cast<bool>(call());
  }
}

template <typename Function>
::testing::AssertionResult CheckAllAllocationFailures(
    Function&& function,
    const FailureSweepOptions& options = DefaultSweepOptions()) {
  if constexpr (std::is_invocable_v<Function&, Allocator&>) {
    using Result = std::invoke_result_t<Function&, Allocator&>;
    const AllocatingFunction plain = [&function](Allocator& memory) {
      return Succeeds<Result>([&] { return function(memory); });
    };
    return AssertionOf(SweepAllocationFailures(plain, options));
  } else {
    using Result = std::invoke_result_t<Function&>;
    const std::function<bool()> plain = [&function] {
      return Succeeds<Result>([&] { return function(); });
    };
    return AssertionOf(SweepAllocationFailures(plain, options));
  }
}

}  // namespace dbgalloc

#endif  // DBGALLOC_ALLOC_TESTING_ALLOCATION_FAILURES_H_
