// Options::FromEnvironment() seen from outside: processes with an environment,
// their output and their end.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "runtime_flags/flag_table.h"

namespace dbgalloc::runtime_flags {
namespace {

struct Outcome {
  int status = 0;  // of waitpid()
  std::string output;
  std::string errors;

  bool ExitedWith(int code) const {
    return WIFEXITED(status) && WEXITSTATUS(status) == code;
  }
  // "name=value" of the probe's output; "" when it is not there.
  bool Has(const std::string& line) const {
    return ("\n" + output).find("\n" + line + "\n") != std::string::npos;
  }
};

std::string FileText(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string Scratch(const std::string& name) {
  return testing::TempDir() + "/" + std::to_string(getpid()) + "." + name;
}

std::string ProbePath(const std::string& name) {
  const char* runfiles = std::getenv("TEST_SRCDIR");
  const char* workspace = std::getenv("TEST_WORKSPACE");
  if (runfiles == nullptr || workspace == nullptr) return "./" + name;
  return std::string(runfiles) + "/" + workspace + "/runtime_flags/" + name;
}

// One run of a probe.
struct ProbeRun {
  std::vector<std::string> environment;
  std::string argument;
  std::string probe = ProbePath("options_probe");
  std::function<void()> in_child = [] {};  // just before exec

  Outcome operator()() const;
};

void Redirect(int descriptor, const std::string& path) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  dup2(file, descriptor);
  close(file);
}

Outcome ProbeRun::operator()() const {
  const std::string output = Scratch("output");
  const std::string errors = Scratch("errors");
  std::vector<char*> variables;
  for (const std::string& variable : environment) {
    variables.push_back(const_cast<char*>(variable.c_str()));
  }
  variables.push_back(nullptr);
  char* arguments[] = {const_cast<char*>(probe.c_str()),
                       const_cast<char*>(argument.c_str()), nullptr};
  Outcome outcome;
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);  // a hang becomes a signal
    Redirect(1, output);
    Redirect(2, errors);
    in_child();
    execve(probe.c_str(), arguments, variables.data());
    _exit(127);
  }
  waitpid(child, &outcome.status, 0);
  outcome.output = FileText(output);
  outcome.errors = FileText(errors);
  return outcome;
}

Outcome RunWith(std::vector<std::string> environment) {
  ProbeRun run;
  run.environment = std::move(environment);
  return run();
}

Outcome RunHooked(std::vector<std::string> environment) {
  ProbeRun run;
  run.environment = std::move(environment);
  run.probe = ProbePath("options_probe_hooked");
  return run();
}

size_t Lines(std::string_view text) {
  size_t lines = 0;
  for (char c : text) lines += c == '\n' ? 1 : 0;
  return lines;
}

bool Contains(std::string_view whole, std::string_view part) {
  return whole.find(part) != std::string_view::npos;
}

TEST(FromEnvironmentTest, WithoutVariablesTheDefaultsHoldSilently) {
  const Outcome outcome = RunWith({});
  EXPECT_TRUE(outcome.ExitedWith(0));
  EXPECT_TRUE(outcome.Has("redzone=16")) << outcome.output;
  EXPECT_TRUE(outcome.Has("canary=0x9232a6ff85dff10f"));
  EXPECT_TRUE(outcome.Has("quarantine_size=64m"));
  EXPECT_EQ(outcome.errors, "");
}

TEST(FromEnvironmentTest, ValuesArrive) {
  const Outcome outcome =
      RunWith({"DBGALLOC_OPTIONS=redzone=24,safety=no log_path='a b'"});
  EXPECT_TRUE(outcome.ExitedWith(0)) << outcome.errors;
  EXPECT_TRUE(outcome.Has("redzone=24"));
  EXPECT_TRUE(outcome.Has("safety=0"));
  EXPECT_TRUE(outcome.Has("log_path=\"a b\""));
  EXPECT_EQ(outcome.errors, "");
}

TEST(FromEnvironmentTest, EachSourceWinsOverTheOneBelow) {
  const Outcome outcome = RunHooked(
      {"PROBE_DEFAULTS=redzone=1:exitcode=1:verbosity=1:memory_limit=1",
       "DBGALLOC_TARGET_OPTIONS=redzone=2:exitcode=2:verbosity=2",
       "DBGALLOC_OPTIONS=redzone=3:exitcode=3"});
  EXPECT_TRUE(outcome.Has("redzone=3")) << outcome.errors;
  EXPECT_TRUE(outcome.Has("exitcode=3"));
  EXPECT_TRUE(outcome.Has("verbosity=2"));
  EXPECT_TRUE(outcome.Has("memory_limit=1"));
}

TEST(FromEnvironmentTest, AHookThatReturnsNullIsNoHook) {
  EXPECT_TRUE(RunHooked({}).Has("redzone=16"));
}

TEST(FromEnvironmentTest, AMistakeEndsTheProgramWithOneMessage) {
  const struct {
    const char* variable;
    const char* said;
  } kCases[] = {
      {"DBGALLOC_OPTIONS=halt_on_eror=1",
       "dbgalloc: error: unknown option \"halt_on_eror\" in DBGALLOC_OPTIONS; "
       "expected one of the names that help=1 lists; did you mean "
       "\"halt_on_error\"?\n"},
      {"DBGALLOC_TARGET_OPTIONS=redzone=many",
       "dbgalloc: error: bad value \"many\" for option \"redzone\" in "
       "DBGALLOC_TARGET_OPTIONS; expected a number of bytes from 0 to 8k, such "
       "as 4096, 0x1000 or 4k (suffixes k m g t)\n"},
      {"PROBE_DEFAULTS=safety",
       "dbgalloc: error: no '=' in \"safety\", at byte 0 of "
       "__dbgalloc_default_options(); expected name=value; did you mean "
       "\"safety=...\"?\n"},
      {"DBGALLOC_OPTIONS=include=/nowhere/at/all",
       "dbgalloc: error: cannot read \"/nowhere/at/all\" for option "
       "\"include\" in DBGALLOC_OPTIONS: no such file; expected a readable "
       "text file\n"},
  };
  for (const auto& test : kCases) {
    const Outcome outcome = RunHooked({test.variable});
    EXPECT_TRUE(outcome.ExitedWith(2)) << test.variable;
    EXPECT_EQ(outcome.errors, test.said);
    EXPECT_EQ(outcome.output, "") << "main must not have run";
  }
}

TEST(FromEnvironmentTest, OfSeveralMistakesTheFirstIsToldAndTheRestCounted) {
  const Outcome outcome = RunWith({"DBGALLOC_OPTIONS=a=1:b=2:redzone=x"});
  EXPECT_TRUE(outcome.ExitedWith(2));
  EXPECT_EQ(Lines(outcome.errors), 1u) << outcome.errors;
  EXPECT_TRUE(Contains(outcome.errors, "unknown option \"a\""));
  EXPECT_TRUE(Contains(outcome.errors, "(and 2 more)"));
}

TEST(FromEnvironmentTest, NotStrictMeansWarningsAndTheRestApplies) {
  for (const char* options :
       {"DBGALLOC_OPTIONS=strict_options=0:nope=1:redzone=24:safety=maybe",
        "DBGALLOC_OPTIONS=nope=1:redzone=24:safety=maybe:strict_options=0"}) {
    const Outcome outcome = RunWith({options});
    EXPECT_TRUE(outcome.ExitedWith(0)) << options;
    EXPECT_TRUE(outcome.Has("redzone=24"));
    EXPECT_TRUE(outcome.Has("safety=1"));
    EXPECT_EQ(Lines(outcome.errors), 2u) << outcome.errors;
    EXPECT_TRUE(Contains(outcome.errors, "dbgalloc: warning: unknown option"));
  }
}

TEST(FromEnvironmentTest, WarningsAreBounded) {
  std::string options = "DBGALLOC_OPTIONS=strict_options=0";
  for (int i = 0; i < 100; ++i) options += ":nope=1";
  const Outcome outcome = RunWith({options});
  EXPECT_TRUE(outcome.ExitedWith(0));
  EXPECT_EQ(Lines(outcome.errors), 21u);
  EXPECT_TRUE(Contains(outcome.errors, "80 more mistakes"));
}

TEST(FromEnvironmentTest, MessagesComeOnceHoweverOftenItIsAsked) {
  ProbeRun run;
  run.argument = "twice";
  run.environment = {"DBGALLOC_OPTIONS=strict_options=0:nope=1"};
  EXPECT_EQ(Lines(run().errors), 1u);
}

TEST(FromEnvironmentTest, HelpTellsAllOfEveryFlagAndRunsOn) {
  const Outcome outcome = RunWith({"DBGALLOC_OPTIONS=help=1:redzone=24"});
  EXPECT_TRUE(outcome.ExitedWith(0));
  EXPECT_TRUE(outcome.Has("redzone=24")) << "the program ran on";
  for (const FlagInfo& flag : Flags()) {
    EXPECT_TRUE(
        Contains(outcome.errors, "\n  " + std::string(flag.name) + " ("))
        << flag.name;
    EXPECT_TRUE(Contains(outcome.errors, flag.help)) << flag.name;
  }
  EXPECT_TRUE(
      Contains(outcome.errors, "  redzone (size; default: 16; current: 24)\n"));
  EXPECT_TRUE(
      Contains(outcome.errors, "  unwind (auto, fp or dwarf; default: auto; "));
}

TEST(FromEnvironmentTest, ShowOptionsTellsWhereEachValueCameFrom) {
  const std::string file = Scratch("shown");
  std::ofstream(file) << "\nverbosity=3\n";
  const Outcome outcome = RunHooked(
      {"PROBE_DEFAULTS=redzone=8", "DBGALLOC_TARGET_OPTIONS=exitcode=4",
       "DBGALLOC_OPTIONS=show_options=1:include=" + file});
  EXPECT_TRUE(outcome.ExitedWith(0));
  for (const std::string& line :
       {std::string("  redzone=8  from __dbgalloc_default_options()\n"),
        std::string("  exitcode=4  from DBGALLOC_TARGET_OPTIONS\n"),
        std::string("  show_options=1  from DBGALLOC_OPTIONS\n"),
        "  verbosity=3  from " + file + ":2\n",
        std::string("  page_size=128k  from the built-in defaults\n")}) {
    EXPECT_TRUE(Contains(outcome.errors, line)) << line << outcome.errors;
  }
  EXPECT_EQ(Lines(outcome.errors), kFlagCount + 1);
}

TEST(FromEnvironmentTest, CodeWinsUnlessTheVariableOverrides) {
  ProbeRun run;
  run.argument = "instance";
  run.environment = {"DBGALLOC_OPTIONS=redzone=24:verbosity=5"};
  Outcome outcome = run();
  EXPECT_TRUE(outcome.Has("redzone=48")) << outcome.output;
  EXPECT_TRUE(outcome.Has("exitcode=9"));
  EXPECT_TRUE(outcome.Has("verbosity=5"));
  run.environment = {"DBGALLOC_OPTIONS=redzone=24:override=1"};
  outcome = run();
  EXPECT_TRUE(outcome.Has("redzone=24"));
  EXPECT_TRUE(outcome.Has("exitcode=9"));
}

TEST(FromEnvironmentTest, ManyThreadsMayAskFirst) {
  ProbeRun run;
  run.argument = "threads";
  run.environment = {"DBGALLOC_OPTIONS=redzone=56"};
  const Outcome outcome = run();
  EXPECT_TRUE(outcome.ExitedWith(0));
  EXPECT_FALSE(outcome.Has("wrong redzone"));
  EXPECT_TRUE(outcome.Has("redzone=56"));
}

TEST(FromEnvironmentTest, AskingWhileReadingYieldsTheBuiltInDefaults) {
  const Outcome outcome =
      RunHooked({"PROBE_TRICK=reenter", "DBGALLOC_OPTIONS=redzone=24"});
  EXPECT_TRUE(outcome.ExitedWith(0));
  EXPECT_TRUE(outcome.Has("inside: redzone=16")) << outcome.output;
  EXPECT_TRUE(outcome.Has("redzone=24"));
}

TEST(FromEnvironmentTest, AChildForkedWhileReadingReadsForItself) {
  const Outcome outcome =
      RunHooked({"PROBE_TRICK=fork", "DBGALLOC_OPTIONS=redzone=24"});
  EXPECT_TRUE(outcome.ExitedWith(0));
  EXPECT_TRUE(outcome.Has("child: redzone=24")) << outcome.output;
}

TEST(FromEnvironmentTest, AClosedStandardErrorChangesNothing) {
  ProbeRun run;
  run.in_child = [] { close(2); };
  run.environment = {"DBGALLOC_OPTIONS=nope=1"};
  EXPECT_TRUE(run().ExitedWith(2));
  run.environment = {"DBGALLOC_OPTIONS=help=1:redzone=24"};
  const Outcome outcome = run();
  EXPECT_TRUE(outcome.ExitedWith(0));
  EXPECT_TRUE(outcome.Has("redzone=24"));
}

TEST(FromEnvironmentTest, WithoutFreeDescriptorsAnIncludeSaysSo) {
  const std::string file = Scratch("limited");
  std::ofstream(file) << "redzone=8";
  const Outcome outcome = RunHooked(
      {"PROBE_TRICK=descriptors", "DBGALLOC_OPTIONS=include=" + file});
  EXPECT_TRUE(outcome.ExitedWith(2));
  EXPECT_TRUE(Contains(outcome.errors, ": too many open files; expected"))
      << outcome.errors;
}

// Copies the probe and makes it set-user-id of somebody else. Empty where this
// user or this folder cannot.
std::string SetUserIdProbe() {
  const std::string copy = Scratch("privileged");
  std::ofstream(copy, std::ios::binary) << FileText(ProbePath("options_probe"));
  if (chown(copy.c_str(), 65534, 65534) != 0) return "";
  if (chmod(copy.c_str(), 04755) != 0) return "";
  return copy;
}

TEST(FromEnvironmentTest, ASetUserIdProgramIgnoresTheVariables) {
  ProbeRun run;
  run.probe = SetUserIdProbe();
  if (run.probe.empty()) GTEST_SKIP() << "this user cannot hand files over";
  run.environment = {"DBGALLOC_OPTIONS=redzone=24:nope=1",
                     "DBGALLOC_TARGET_OPTIONS=exitcode=5:help=1"};
  const Outcome outcome = run();
  if (outcome.ExitedWith(127) || !outcome.Has("secure")) {
    GTEST_SKIP() << "set-user-id has no effect in this folder";
  }
  EXPECT_TRUE(outcome.ExitedWith(0));
  EXPECT_TRUE(outcome.Has("redzone=16"));
  EXPECT_TRUE(outcome.Has("exitcode=1"));
  EXPECT_EQ(outcome.errors, "");
}

}  // namespace
}  // namespace dbgalloc::runtime_flags
