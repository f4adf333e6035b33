#include "alloc/debug/self_test.h"

#include <unistd.h>

#include <string>

#include "gtest/gtest.h"

namespace dbgalloc::debug {
namespace {

std::string Unnoticed(const Options& claimed, const Options& real) {
  return std::string(RunSelfTest(claimed, real).unnoticed);
}

TEST(SelfTest, EveryCheckOfTheDefaultsNoticesItsBug) {
  SelfTestResult result = RunSelfTest(Options(), Options());
  EXPECT_EQ(result.unnoticed, "");
  EXPECT_GE(result.tried, 12u);
}

TEST(SelfTest, OnlyWhatIsSwitchedOnIsTried) {
  Options options;
  options.check_size = false;
  options.redzone = 0;
  options.never_unmap = true;
  SelfTestResult fewer = RunSelfTest(options, options);
  EXPECT_EQ(fewer.unnoticed, "");
  EXPECT_EQ(fewer.tried, RunSelfTest(Options(), Options()).tried - 4);
  options.safety = false;
  EXPECT_EQ(RunSelfTest(options, options).tried, 0u);
}

TEST(SelfTest, UnderOddOptions) {
  Options options;
  options.thread_safe = false;
  options.stack_trace_frames = 0;
  options.memory_limit = 1;
  options.max_allocation_size = 1;
  options.check_heap_every = 1;
  options.page_size = 4096;
  options.canary = 0;
  EXPECT_EQ(Unnoticed(options, options), "");
  options.quarantine_size = 0;
  options.alloc_fill_byte = -1;
  EXPECT_EQ(Unnoticed(options, options), "");
}

// What a broken check looks like: it is switched on and does not work.
TEST(SelfTest, NamesTheCheckThatIsBroken) {
  struct {
    const char* name;
    void (*breaks)(Options* options);
  } kBroken[] = {
      {"double-free", [](Options* o) { o->safety = false; }},
      {"stack traces", [](Options* o) { o->stack_trace_frames = 0; }},
      {"size-mismatch", [](Options* o) { o->check_size = false; }},
      {"alignment-mismatch", [](Options* o) { o->check_alignment = false; }},
      {"family-mismatch", [](Options* o) { o->check_family = false; }},
      {"heap-buffer-underflow", [](Options* o) { o->redzone = 0; }},
      {"write-after-free", [](Options* o) { o->check_free_fill = false; }},
      {"inaccessible freed memory", [](Options* o) { o->never_unmap = true; }},
  };
  for (const auto& broken : kBroken) {
    Options real;
    broken.breaks(&real);
    EXPECT_EQ(Unnoticed(Options(), real), broken.name);
  }
  Options owned;
  owned.check_threads = true;
  EXPECT_EQ(Unnoticed(owned, Options()), "thread-misuse");
}

TEST(SelfTestDeathTest, IsSilentWhenAllIsWell) {
  EXPECT_EXIT(
      {
        SelfTestOrExit(Options());
        _exit(0);
      },
      testing::ExitedWithCode(0), "^$");
}

TEST(SelfTestDeathTest, SaysSoWhereNotesAreWanted) {
  EXPECT_EXIT(
      {
        Options options;
        options.verbosity = 1;
        SelfTestOrExit(options);
        _exit(0);
      },
      testing::ExitedWithCode(0),
      "==[0-9]+==NOTE: dbgalloc: self_test: [0-9]+ checks, each noticed its "
      "bug\n");
}

}  // namespace
}  // namespace dbgalloc::debug
