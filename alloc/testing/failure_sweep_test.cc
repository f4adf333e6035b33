#include "dbgalloc/testing/failure_sweep.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <new>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "dbgalloc/allocator.h"
#include "dbgalloc/testing/allocation_failures.h"
#include "gtest/gtest.h"

namespace dbgalloc {
namespace {

constexpr size_t kSize = 24;

void* Take(Allocator& memory) { return memory.Allocate(kSize, 8); }
void Give(Allocator& memory, void* block) {
  if (block != nullptr) memory.Deallocate(block, kSize, 8);
}

// Three blocks, one after the other; correct on every way out.
bool Correct(Allocator& memory) {
  void* first = Take(memory);
  void* second = first == nullptr ? nullptr : Take(memory);
  void* third = second == nullptr ? nullptr : Take(memory);
  Give(memory, third);
  Give(memory, second);
  Give(memory, first);
  return third != nullptr;
}

FailureSweepResult Sweep(const AllocatingFunction& function,
                         FailureSweepOptions options = {}) {
  return SweepAllocationFailures(function, options);
}

// The verdicts on the points of one mode, in order.
std::string Verdicts(const AllocatingFunction& function,
                     FailureSweepOptions options = {}) {
  options.from = options.resize = false;
  const FailureSweepResult result = Sweep(function, options);
  if (!result.mistake.empty()) return result.mistake;
  std::vector<std::string> verdicts(result.allocations, "handled");
  for (const FailureFinding& finding : result.findings) {
    verdicts.at(finding.index) = SlugOf(finding.verdict);
  }
  std::string text;
  for (const std::string& verdict : verdicts) {
    text += (text.empty() ? "" : " ") + verdict;
  }
  return text;
}

TEST(FailureSweep, EveryFailureOfCorrectCodeIsHandled) {
  EXPECT_TRUE(CheckAllAllocationFailures(Correct));
  const FailureSweepResult result = Sweep(Correct);
  EXPECT_EQ(result.allocations, 3u);
  EXPECT_EQ(result.points, 6u);
  EXPECT_EQ(result.points_run, 6u);
  EXPECT_TRUE(result.is_complete);
}

TEST(FailureSweep, AFunctionWithoutResultSaysBadAlloc) {
  EXPECT_TRUE(CheckAllAllocationFailures([](Allocator& memory) {
    void* block = Take(memory);
    if (block == nullptr) throw std::bad_alloc();
    Give(memory, block);
  }));
}

TEST(FailureSweep, LeakedTellsWhatStayed) {
  const AllocatingFunction leaks = [](Allocator& memory) {
    void* first = Take(memory);
    if (first == nullptr) return false;
    void* second = Take(memory);
    if (second == nullptr) return false;  // forgets the first
    Give(memory, first);
    Give(memory, second);
    return true;
  };
  EXPECT_EQ(Verdicts(leaks), "handled leaked");
  const FailureSweepResult result = Sweep(leaks);
  ASSERT_EQ(result.findings.size(), 2u);  // once, and from then on
  EXPECT_NE(result.findings[0].details.find("24 bytes in 1 blocks"),
            std::string::npos);
  EXPECT_NE(result.findings[0].details.find("Take"), std::string::npos);
  EXPECT_NE(result.findings[0].stack.find("Take"), std::string::npos);
  EXPECT_EQ(result.findings[1].mode, FailureMode::kFrom);
  EXPECT_FALSE(AssertionOf(result));
  EXPECT_NE(result.Text().find("rerun: DBGALLOC_SWEEP=first_point=1:"),
            std::string::npos);
}

TEST(FailureSweep, SuccessInSpiteOfAFailureIsSwallowed) {
  const AllocatingFunction swallows = [](Allocator& memory) {
    Give(memory, Take(memory));
    return true;
  };
  EXPECT_EQ(Verdicts(swallows), "swallowed-oom");
  FailureSweepOptions options;
  options.may_recover = true;
  EXPECT_EQ(Verdicts(swallows, options), "handled");
}

TEST(FailureSweep, AnotherExceptionIsUncaught) {
  const AllocatingFunction throws = [](Allocator& memory) {
    void* block = Take(memory);
    if (block == nullptr) throw std::runtime_error("no room");
    Give(memory, block);
    return true;
  };
  EXPECT_EQ(Verdicts(throws), "uncaught-exception");
  EXPECT_NE(Sweep(throws).Text().find("no room"), std::string::npos);
}

TEST(FailureSweep, MisuseOfTheHeapOnTheWayOutIsCorruption) {
  EXPECT_EQ(Verdicts([](Allocator& memory) {
              void* first = Take(memory);
              if (first == nullptr) return false;
              void* second = Take(memory);
              Give(memory, second);
              Give(memory, first);
              if (second == nullptr) Give(memory, first);
              return second != nullptr;
            }),
            "handled corrupted");
}

TEST(FailureSweep, RunsThatDifferAreToldApart) {
  int run = 0;
  const FailureSweepResult result = Sweep([&run](Allocator& memory) {
    for (int i = 0; i < run % 7; ++i) Give(memory, Take(memory));
    ++run;
    return true;
  });
  EXPECT_EQ(result.mistake.rfind("nondeterministic", 0), 0u) << result.mistake;
  EXPECT_FALSE(result.ok());

  int later = 0;
  EXPECT_EQ(Verdicts([&later](Allocator& memory) {
              const bool allocates = ++later <= 2;
              if (!allocates) return true;
              Give(memory, Take(memory));
              return true;
            }),
            "nondeterministic");
}

TEST(FailureSweep, AFunctionThatFailsOrLeaksByItselfIsNotSwept) {
  EXPECT_NE(Sweep([](Allocator&) { return false; }).mistake, "");
  EXPECT_NE(Sweep([](Allocator& memory) {
              return Take(memory) != nullptr;
            }).mistake.find("leaks"),
            std::string::npos);
}

TEST(FailureSweep, ARefusedResizeMayEndInSuccess) {
  const AllocatingFunction grows = [](Allocator& memory) {
    size_t size = 1000;
    void* block = memory.Allocate(size, 8);
    if (block == nullptr) return false;
    if (memory.Resize(block, size, 8, 990)) size = 990;
    memory.Deallocate(block, size, 8);
    return true;
  };
  const FailureSweepResult result = Sweep(grows);
  EXPECT_EQ(result.resizes, 1u);
  EXPECT_TRUE(result.ok()) << result.Text();
}

FailureSweepOptions Forking() {
  FailureSweepOptions options;
  options.fork = true;
  options.point_seconds = 0.5;
  return options;
}

TEST(FailureSweep, InWorkersACrashIsAVerdictAndTheSweepGoesOn) {
  EXPECT_EQ(Verdicts(
                [](Allocator& memory) {
                  void* first = Take(memory);
                  if (first == nullptr) std::raise(SIGKILL);
                  void* second = Take(memory);
                  if (second == nullptr) std::abort();
                  Give(memory, second);
                  void* third = Take(memory);
                  Give(memory, third);
                  Give(memory, first);
                  if (third == nullptr) std::terminate();
                  return true;
                },
                Forking()),
            "crashed crashed uncaught-exception");
}

TEST(FailureSweep, InWorkersAHangIsAVerdictAndTheSweepGoesOn) {
  EXPECT_EQ(Verdicts(
                [](Allocator& memory) {
                  void* first = Take(memory);
                  while (first == nullptr) {
                  }
                  Give(memory, first);
                  void* second = Take(memory);
                  Give(memory, second);
                  return second != nullptr;
                },
                Forking()),
            "hung handled");
}

TEST(FailureSweep, WorkersFindWhatTheProcessItselfFinds) {
  const AllocatingFunction leaks = [](Allocator& memory) {
    std::vector<void*> blocks;
    for (int i = 0; i < 10; ++i) {
      blocks.push_back(Take(memory));
      if (blocks.back() == nullptr && i % 3 == 1) return false;
      if (blocks.back() == nullptr) break;
    }
    const bool whole = blocks.back() != nullptr;
    for (void* block : blocks) Give(memory, block);
    return whole;
  };
  EXPECT_EQ(Verdicts(leaks, Forking()), Verdicts(leaks));
  EXPECT_NE(Verdicts(leaks).find("leaked"), std::string::npos);
}

TEST(FailureSweep, GoesOnWhereALimitStoppedIt) {
  for (bool fork : {false, true}) {
    FailureSweepOptions options;
    options.fork = fork;
    options.max_points = 4;
    const FailureSweepResult first = Sweep(Correct, options);
    EXPECT_EQ(first.points_run, 4u);
    EXPECT_FALSE(first.is_complete);
    options.first_point = first.next_point;
    const FailureSweepResult second = Sweep(Correct, options);
    EXPECT_EQ(second.points_run, 2u);
    EXPECT_TRUE(second.is_complete);
  }
}

TEST(FailureSweep, AFewFindingsAreEnough) {
  const AllocatingFunction swallows = [](Allocator& memory) {
    for (int i = 0; i < 50; ++i) Give(memory, Take(memory));
    return true;
  };
  for (bool fork : {false, true}) {
    FailureSweepOptions options;
    options.fork = fork;
    options.max_findings = 3;
    const FailureSweepResult result = Sweep(swallows, options);
    EXPECT_EQ(result.findings.size(), 3u);
    EXPECT_EQ(result.next_point, 3u);
  }
}

TEST(FailureSweep, ShardsMakeTheSameUnion) {
  const AllocatingFunction swallows = [](Allocator& memory) {
    for (int i = 0; i < 7; ++i) Give(memory, Take(memory));
    return true;
  };
  std::multiset<uint64_t> whole, parts;
  for (const FailureFinding& finding : Sweep(swallows).findings) {
    whole.insert(finding.point);
  }
  for (uint64_t index = 0; index < 3; ++index) {
    FailureSweepOptions options;
    options.shard = {index, 3};
    options.fork = index == 1;
    for (const FailureFinding& finding : Sweep(swallows, options).findings) {
      parts.insert(finding.point);
    }
  }
  EXPECT_EQ(whole.size(), 14u);
  EXPECT_EQ(parts, whole);
}

TEST(FailureSweep, PlainCodeNeedsDbgallocForItsMalloc) {
  const FailureSweepResult result =
      SweepAllocationFailures(std::function<bool()>([] { return true; }), {});
  EXPECT_NE(result.mistake.find("//:malloc"), std::string::npos);
}

TEST(FailureSweepOptions, ComeFromTheEnvironment) {
  setenv("DBGALLOC_SWEEP", "fork=1:first_point=7,max_seconds=2.5 from=0", 1);
  const FailureSweepOptions options = FailureSweepOptions::FromEnvironment();
  EXPECT_TRUE(options.fork);
  EXPECT_EQ(options.first_point, 7u);
  EXPECT_EQ(options.max_seconds, 2.5);
  EXPECT_FALSE(options.from);
  EXPECT_TRUE(options.once);
  setenv("DBGALLOC_SWEEP", "frok=1", 1);
  EXPECT_EXIT(FailureSweepOptions::FromEnvironment(),
              testing::ExitedWithCode(2), "no such setting: frok=1");
  unsetenv("DBGALLOC_SWEEP");
}

TEST(TakeShardsForSweeps, TakesThemFromGoogleTest) {
  const std::string status = testing::TempDir() + "/shards_taken";
  setenv("TEST_TOTAL_SHARDS", "4", 1);
  setenv("TEST_SHARD_INDEX", "3", 1);
  setenv("TEST_SHARD_STATUS_FILE", status.c_str(), 1);
  TakeShardsForSweeps();
  EXPECT_EQ(std::getenv("TEST_TOTAL_SHARDS"), nullptr);
  EXPECT_EQ(DefaultSweepOptions().shard.index, 3u);
  EXPECT_EQ(DefaultSweepOptions().shard.total, 4u);
  std::FILE* file = std::fopen(status.c_str(), "r");
  EXPECT_NE(file, nullptr);
  if (file != nullptr) std::fclose(file);
}

}  // namespace
}  // namespace dbgalloc
