#include "tools/sweep/results.h"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace dbgalloc::sweep {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string PathOf(const std::string& name) {
  const std::string path = testing::TempDir() + "/" + name;
  std::remove(path.c_str());
  return path;
}

SweepPlan Plan() {
  SweepPlan plan;
  plan.command = {"/bin/program", "it's"};
  plan.library = "/lib/libdbgalloc.so";
  plan.input = "/dev/null";
  return plan;
}

PointResult Crash() {
  PointResult point;
  point.key = 77;
  point.index = 12;
  point.size = 100;
  point.verdict = Verdict::kCrashed;
  point.details = "signal 11 (Segmentation fault)";
  point.stack = {{"/bin/program", 0x10, "Parse<int>", "src/parse.cc", 7}};
  point.other = {{"/bin/program", 0x20, "", "", 0}};
  return point;
}

TEST(RerunCommand, IsOneLineForAShell) {
  PointResult point = Crash();
  EXPECT_EQ(RerunCommand(Plan(), point),
            "DBGALLOC_OPTIONS=fail_index=12:fail_mode=once "
            "LD_PRELOAD=/lib/libdbgalloc.so setarch -R /bin/program "
            "'it'\\''s' </dev/null");
  point.kind = SweepKind::kFrom;
  EXPECT_EQ(
      RerunCommand(Plan(), point).rfind("DBGALLOC_OPTIONS=fail_index=12 ", 0),
      0u);
  point.kind = SweepKind::kResize;
  EXPECT_EQ(
      RerunCommand(Plan(), point)
          .rfind("DBGALLOC_OPTIONS=resize_fail_index=12:fail_mode=once ", 0),
      0u);
}

TEST(StateFile, GoesOnBehindWhatIsThere) {
  const std::string path = PathOf("state");
  std::vector<PointResult> done;
  {
    StateFile file;
    ASSERT_EQ(file.Open(Plan(), path, &done), "");
    file.Add(Crash());
  }
  // A line that was cut off when the sweep was killed.
  std::ofstream(path, std::ios::app) << "78\t0\t0\t13";
  {
    StateFile file;
    ASSERT_EQ(file.Open(Plan(), path, &done), "");
    ASSERT_EQ(done.size(), 1u);
    EXPECT_EQ(done[0].key, 77u);
    EXPECT_EQ(done[0].verdict, Verdict::kCrashed);
    EXPECT_EQ(done[0].details, "signal 11 (Segmentation fault)");
    EXPECT_EQ(done[0].stack[0].offset, 0x10u);
    PointResult next = Crash();
    next.key = 79;
    file.Add(next);
  }
  StateFile file;
  done.clear();
  ASSERT_EQ(file.Open(Plan(), path, &done), "");
  ASSERT_EQ(done.size(), 2u);
  EXPECT_EQ(done[1].key, 79u);
}

TEST(StateFile, IsOfOneSweep) {
  const std::string path = PathOf("other_state");
  std::vector<PointResult> done;
  {
    StateFile file;
    ASSERT_EQ(file.Open(Plan(), path, &done), "");
  }
  SweepPlan other = Plan();
  other.by_index = true;
  StateFile file;
  EXPECT_NE(file.Open(other, path, &done), "");
}

TEST(KnownFailures, CoverByVerdictAndName) {
  const std::string path = PathOf("known");
  std::ofstream(path) << "# a list\ncrashed Parse<int>  # since last year\n"
                         "leaked   *.cc\n* other_program\n";
  KnownFailures known;
  ASSERT_EQ(known.Load(path), "");
  EXPECT_TRUE(known.Covers(Crash()));
  PointResult leak = Crash();
  leak.verdict = Verdict::kHung;
  EXPECT_FALSE(known.Covers(leak));
  EXPECT_EQ(known.Unused(),
            (std::vector<std::string>{"leaked *.cc", "* other_program"}));
}

TEST(KnownFailures, MistakesAreNamedByTheirLine) {
  const std::string path = PathOf("bad_known");
  std::ofstream(path) << "\ncrash Parse\n";
  EXPECT_EQ(KnownFailures().Load(path),
            path + ":2: expected a verdict and a pattern");
  std::ofstream(path) << "crashed\n";
  EXPECT_NE(KnownFailures().Load(path), "");
  EXPECT_NE(KnownFailures().Load(path + ".not_there"), "");
}

TEST(Results, JunitEscapesAndCounts) {
  const std::string path = PathOf("junit.xml");
  SweepResult result;
  result.points = {Crash(), PointResult()};
  ASSERT_TRUE(WriteJunit(Plan(), result, path));
  const std::string text = ReadFile(path);
  EXPECT_NE(text.find("tests=\"2\" failures=\"1\""), std::string::npos);
  EXPECT_NE(text.find("Parse&lt;int&gt; src/parse.cc:7"), std::string::npos);
  EXPECT_NE(text.find("<failure type=\"crashed\""), std::string::npos);
}

TEST(Results, JsonHasEachPoint) {
  const std::string path = PathOf("results.json");
  SweepResult result;
  result.points = {Crash()};
  ASSERT_TRUE(WriteJson(Plan(), result, path));
  const std::string text = ReadFile(path);
  EXPECT_NE(text.find("\"verdict\":\"crashed\",\"mode\":\"once\",\"index\":12"),
            std::string::npos);
  EXPECT_NE(text.find("\"file\":\"src/parse.cc\",\"line\":7"),
            std::string::npos);
}

TEST(Results, AFileThatCannotBeWrittenIsTold) {
  EXPECT_FALSE(WriteJson(Plan(), {}, "/nowhere/at/all"));
}

}  // namespace
}  // namespace dbgalloc::sweep
