// Sweeps of plain code, through malloc and operator new.
#include <csignal>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dbgalloc/testing/allocation_failures.h"
#include "gtest/gtest.h"

namespace dbgalloc {
namespace {

// Longer than what a string holds without an allocation.
constexpr char kLong[] = "a string that does not fit into the object itself";

FailureSweepResult Sweep(const std::function<bool()>& function,
                         FailureSweepOptions options = {}) {
  return SweepAllocationFailures(function, options);
}

// Hides a block from the compiler, which sees too much.
void* Opaque(void* block) {
  asm volatile("" : "+r"(block) : : "memory");
  return block;
}

bool HasVerdict(const FailureSweepResult& result, FailureVerdict verdict) {
  for (const FailureFinding& finding : result.findings) {
    if (finding.verdict == verdict) return true;
  }
  return false;
}

TEST(MallocSweep, CodeThatLetsBadAllocThroughPasses) {
  EXPECT_TRUE(CheckAllAllocationFailures([] {
    std::vector<std::string> texts;
    for (int i = 0; i < 5; ++i) texts.push_back(kLong);
    auto copy = std::make_unique<std::vector<std::string>>(texts);
  }));
}

TEST(MallocSweep, CountsAllocationsAndResizes) {
  const FailureSweepResult result = Sweep([] {
    void* block = std::malloc(10);
    if (block == nullptr) return false;
    void* larger = std::realloc(block, 1000);
    std::free(larger == nullptr ? block : larger);
    return larger != nullptr;
  });
  EXPECT_TRUE(result.ok()) << result.Text();
  EXPECT_EQ(result.allocations, 1u);
  EXPECT_EQ(result.resizes, 1u);
  EXPECT_EQ(result.points_run, 3u);
}

TEST(MallocSweep, LeaksAndSwallowedFailuresAreFound) {
  const FailureSweepResult leak = Sweep([] {
    auto* first = new std::string(kLong);
    auto* second = new std::string(kLong);  // throws: the first is lost
    delete second;
    delete first;
    return true;
  });
  EXPECT_TRUE(HasVerdict(leak, FailureVerdict::kLeaked)) << leak.Text();
  const FailureSweepResult swallowed = Sweep([] {
    std::free(Opaque(std::malloc(10)));
    return true;
  });
  EXPECT_TRUE(HasVerdict(swallowed, FailureVerdict::kSwallowedOom));
  EXPECT_NE(swallowed.findings[0].stack.find("failure_sweep_malloc_test"),
            std::string::npos)
      << swallowed.Text();
}

TEST(MallocSweep, WhatIsSetUpOnceIsNoLeak) {
  EXPECT_TRUE(CheckAllAllocationFailures([] {
    static std::string* const once = new std::string(kLong);
    std::string copy = *once;
  }));
}

TEST(MallocSweep, InWorkersCrashesAndReportsAreVerdicts) {
  FailureSweepOptions options;
  options.fork = true;
  const FailureSweepResult crash = Sweep(
      [] {
        char* block = static_cast<char*>(std::malloc(10));
        if (block == nullptr) std::raise(SIGSEGV);
        std::free(block);
        return true;
      },
      options);
  EXPECT_TRUE(HasVerdict(crash, FailureVerdict::kCrashed)) << crash.Text();
  const FailureSweepResult report = Sweep(
      [] {
        void* first = std::malloc(10);
        void* second = std::malloc(10);
        std::free(Opaque(first));
        if (second == nullptr) std::free(Opaque(first));
        std::free(second);
        return second != nullptr && first != nullptr;
      },
      options);
  EXPECT_TRUE(HasVerdict(report, FailureVerdict::kCorrupted)) << report.Text();
  EXPECT_NE(report.Text().find("double-free"), std::string::npos);
}

}  // namespace
}  // namespace dbgalloc
