#include "alloc/report/rerun.h"

#include <cstdlib>
#include <string>

#include "alloc/report/rerun_options.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace dbgalloc::report {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string Rerun(std::string_view options = {}) {
  char buffer[4096];
  base::TextWriter out(buffer, sizeof(buffer));
  WriteRerun(out, options);
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
  EXPECT_EQ(Rerun("guard=all"),
            "bazel test //some:test --test_filter='Suite.*' "
            "--test_env=DBGALLOC_OPTIONS='redzone=32 canary=0:guard=all'");
  unsetenv("DBGALLOC_OPTIONS");
  EXPECT_EQ(Rerun("guard=all"),
            "bazel test //some:test --test_filter='Suite.*' "
            "--test_env=DBGALLOC_OPTIONS=guard=all");
}

TEST(Rerun, NamesTheCommandLineAndTheOptions) {
  unsetenv("TEST_TARGET");
  setenv("DBGALLOC_OPTIONS", "redzone=32", 1);
  unsetenv("DBGALLOC_TARGET_OPTIONS");
  setenv("LD_PRELOAD", "", 1);
  EXPECT_THAT(Rerun(), StartsWith("DBGALLOC_OPTIONS=redzone=32 "));
  EXPECT_THAT(Rerun(), HasSubstr("rerun_test"));
  EXPECT_THAT(Rerun("guard=all"),
              StartsWith("DBGALLOC_OPTIONS=redzone=32:guard=all "));
  unsetenv("DBGALLOC_OPTIONS");
  EXPECT_THAT(Rerun("guard=all"), StartsWith("DBGALLOC_OPTIONS=guard=all "));
}

TEST(RerunOptions, KeepTheSeedThatWasDrawn) {
  ErrorRecord record;
  record.kind = ErrorKind::kUseAfterFree;
  record.guard_seed = 0x1234;
  char buffer[128];
  base::TextWriter out(buffer, sizeof(buffer));
  WriteRerunOptions(out, record);
  EXPECT_EQ(out.view(), "guard_seed=0x1234");
}

std::string OptionsFor(ErrorKind kind, uint64_t damage, uint64_t number) {
  ErrorRecord record;
  record.kind = kind;
  record.damage.size = damage;
  record.block.known = true;
  record.block.allocated.number = number;
  char buffer[128];
  base::TextWriter out(buffer, sizeof(buffer));
  WriteRerunOptions(out, record);
  return std::string(out.view());
}

// Of damage found late, the very block gets a guard page where it was damaged.
TEST(RerunOptions, StopAtTheInstructionThatWrites) {
  EXPECT_EQ(OptionsFor(ErrorKind::kHeapBufferOverflow, 1, 60),
            "guard=all:guard_only=60:guard_align=exact");
  EXPECT_EQ(OptionsFor(ErrorKind::kHeapBufferUnderflow, 1, 60),
            "guard=all:guard_only=60:guard_align=left");
  EXPECT_EQ(OptionsFor(ErrorKind::kWriteAfterFree, 1, 60),
            "guard=all:guard_only=60");
  EXPECT_EQ(OptionsFor(ErrorKind::kDoubleFree, 0, 60), "");
  EXPECT_EQ(OptionsFor(ErrorKind::kUseAfterFree, 0, 60), "")
      << "the very access has been caught";
  EXPECT_EQ(OptionsFor(ErrorKind::kHeapBufferOverflow, 1, 0), "");
}

}  // namespace
}  // namespace dbgalloc::report
