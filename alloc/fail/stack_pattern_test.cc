#include "alloc/fail/stack_pattern.h"

#include <cstdint>

#include "alloc/stack/caller_frame.h"
#include "alloc/stack/stack_recorder.h"
#include "gtest/gtest.h"

namespace dbgalloc::fail {
namespace {

[[gnu::noinline]] uint32_t StackHere() {
  return stack::RecordStack(DBGALLOC_CALLER_FRAME(), 16,
                            stack::UnwindMethod::kAuto);
}

}  // namespace

// Outside of the unnamed namespace, so that their names are what they look
// like.
[[gnu::noinline]] uint32_t ParseHeader() {
  const uint32_t stack = StackHere();
  asm volatile("" ::: "memory");  // not a tail call
  return stack;
}

[[gnu::noinline]] uint32_t ParseBody() {
  const uint32_t stack = StackHere();
  asm volatile("" ::: "memory");
  return stack;
}

namespace {

TEST(StackPattern, EmptyMatchesEverything) {
  StackPattern pattern;
  EXPECT_TRUE(pattern.empty());
}

TEST(StackPattern, MatchesFunctionsAnywhereInTheStack) {
  StackPattern pattern;
  pattern.Set("ParseHeader");
  EXPECT_TRUE(pattern.Matches(ParseHeader()));
  EXPECT_FALSE(pattern.Matches(ParseBody()));
  // The second time from memory.
  EXPECT_TRUE(pattern.Matches(ParseHeader()));
  EXPECT_FALSE(pattern.Matches(ParseBody()));
  pattern.Release();
}

TEST(StackPattern, MatchesFilesAndModules) {
  StackPattern pattern;
  pattern.Set("fail/stack_pattern_test.cc");
  EXPECT_TRUE(pattern.Matches(ParseBody()));
  pattern.Set("stack_pattern_test$");
  EXPECT_TRUE(pattern.Matches(ParseBody()));
  pattern.Set("no_such_module.so");
  EXPECT_FALSE(pattern.Matches(ParseBody()));
  pattern.Release();
}

TEST(StackPattern, AnotherPatternForgetsTheVerdictsOfTheLast) {
  StackPattern pattern;
  pattern.Set("ParseHeader");
  const uint32_t stack = ParseHeader();
  EXPECT_TRUE(pattern.Matches(stack));
  pattern.Set("ParseBody");
  EXPECT_FALSE(pattern.Matches(stack));
  pattern.Release();
}

TEST(StackPattern, AStackThatWasNotRecordedMatchesNothing) {
  StackPattern pattern;
  pattern.Set("*");
  EXPECT_FALSE(pattern.Matches(0));
  pattern.Release();
}

}  // namespace
}  // namespace dbgalloc::fail
