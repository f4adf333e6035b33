#include "alloc/report/rerun.h"

#include <cstdlib>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace dbgalloc::report {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string Rerun() {
  char buffer[4096];
  base::TextWriter out(buffer, sizeof(buffer));
  WriteRerun(out);
  return std::string(out.view());
}

std::string Word(std::string_view text) {
  char buffer[256];
  base::TextWriter out(buffer, sizeof(buffer));
  WriteShellWord(out, text);
  return std::string(out.view());
}

TEST(Rerun, QuotesForAShell) {
  EXPECT_EQ(Word("redzone=32:a,b/c.d"), "redzone=32:a,b/c.d");
  EXPECT_EQ(Word(""), "''");
  EXPECT_EQ(Word("two words"), "'two words'");
  EXPECT_EQ(Word("it's $HOME"), "'it'\\''s $HOME'");
  EXPECT_EQ(Word("a\nb"), "'a b'") << "one report line stays one line";
}

TEST(Rerun, NamesTheBazelTest) {
  setenv("TEST_TARGET", "//some:test", 1);
  setenv("TESTBRIDGE_TEST_ONLY", "Suite.*", 1);
  setenv("DBGALLOC_OPTIONS", "redzone=32 canary=0", 1);
  EXPECT_EQ(Rerun(),
            "bazel test //some:test --test_filter='Suite.*' "
            "--test_env=DBGALLOC_OPTIONS='redzone=32 canary=0'");
}

TEST(Rerun, NamesTheCommandLineAndTheOptions) {
  unsetenv("TEST_TARGET");
  setenv("DBGALLOC_OPTIONS", "redzone=32", 1);
  unsetenv("DBGALLOC_TARGET_OPTIONS");
  setenv("LD_PRELOAD", "", 1);
  EXPECT_THAT(Rerun(), StartsWith("DBGALLOC_OPTIONS=redzone=32 "));
  EXPECT_THAT(Rerun(), HasSubstr("rerun_test"));
}

}  // namespace
}  // namespace dbgalloc::report
