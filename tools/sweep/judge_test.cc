#include "tools/sweep/judge.h"

#include <csignal>
#include <string>

#include "gtest/gtest.h"

namespace dbgalloc::sweep {
namespace {

Ending Exit(int status) {
  Ending ending;
  ending.exit_status = status;
  return ending;
}

PointFacts Failed() {
  PointFacts facts;
  facts.failed = PointFacts::kDid;
  return facts;
}

std::string Verdict(const Ending& ending, const PointFacts& facts,
                    bool same_output = true, int clean_status = 0) {
  std::string details;
  return SlugOf(
      Judge(Exit(clean_status), ending, facts, same_output, &details));
}

TEST(Judge, TheSameAsEverOrAnErrorIsHandled) {
  EXPECT_EQ(Verdict(Exit(0), Failed()), "handled");
  EXPECT_EQ(Verdict(Exit(3), Failed()), "handled");
  EXPECT_EQ(Verdict(Exit(3), Failed(), /*same_output=*/false), "handled");
}

TEST(Judge, SuccessWithOtherOutputIsSwallowed) {
  EXPECT_EQ(Verdict(Exit(0), Failed(), false), "swallowed-oom");
  EXPECT_EQ(Verdict(Exit(0), Failed(), true, 5), "swallowed-oom");
  EXPECT_EQ(Verdict(Exit(5), Failed(), false, 5), "swallowed-oom");
}

TEST(Judge, TheWorstIsTold) {
  PointFacts facts = Failed();
  facts.leaked_blocks = 2;
  EXPECT_EQ(Verdict(Exit(3), facts), "leaked");
  facts.error_kind = "double-free";
  EXPECT_EQ(Verdict(Exit(1), facts), "corrupted");
  Ending late;
  late.signal = SIGKILL;
  late.ran_out_of_time = true;
  EXPECT_EQ(Verdict(late, facts), "hung");
}

TEST(Judge, ASignalIsACrashUnlessAnExceptionWasOnItsWay) {
  Ending ending;
  ending.signal = SIGABRT;
  PointFacts facts = Failed();
  EXPECT_EQ(Verdict(ending, facts), "crashed");
  facts.uncaught_exception = true;
  EXPECT_EQ(Verdict(ending, facts), "uncaught-exception");
}

TEST(Judge, WithoutTheFailureNothingIsProven) {
  PointFacts facts;
  EXPECT_EQ(Verdict(Exit(0), facts), "nondeterministic");
  facts.failed = PointFacts::kElsewhere;
  EXPECT_EQ(Verdict(Exit(3), facts), "nondeterministic");
}

}  // namespace
}  // namespace dbgalloc::sweep
