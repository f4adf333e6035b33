#include "alloc/report/report_output.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "alloc/report/child_process.h"
#include "alloc/report/reporter.h"
#include "alloc/report/reporter_test_support.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace dbgalloc::report {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

TEST(ReportOutput, WorksWithStandardErrorClosed) {
  const ChildResult child = RunInChild([] {
    close(STDERR_FILENO);
    Report(DoubleFreeAt(0x1000), Defaults());
  });
  EXPECT_EQ(child.exit_status, 1);
  EXPECT_EQ(child.standard_error, "");
}

TEST(ReportOutput, WritesToAFileOfItsOwn) {
  const std::string path = TemporaryPath("log");
  const ChildResult child = RunInChild([&] {
    Options options = GoOn();
    options.log_path = path.c_str();
    Report(DoubleFreeAt(0x1000), options);
    Report(DoubleFreeAt(0x2000), options);
  });
  EXPECT_EQ(child.standard_error, "");
  ExpectWholeReports(ReadAll(path + "." + std::to_string(child.process_id)), 2);
}

TEST(ReportOutput, FallsBackToStandardErrorWithoutAFile) {
  const ChildResult child = RunInChild([] {
    Options options = Defaults();
    options.log_path = "/nowhere/at/all.%p";
    Report(DoubleFreeAt(0x1000), options);
  });
  const size_t first_line = child.standard_error.find('\n') + 1;
  EXPECT_THAT(child.standard_error.substr(0, first_line),
              EndsWith("==WARNING: dbgalloc: log_path: /nowhere/at/all." +
                       std::to_string(child.process_id) +
                       " cannot be opened for writing; the report goes to "
                       "standard error\n"));
  ExpectWholeReports(child.standard_error.substr(first_line), 1);
}

TEST(ReportOutput, FallsBackToStandardErrorWithoutDescriptors) {
  const std::string path = TemporaryPath("no_descriptors");
  const ChildResult child = RunInChild([&] {
    const rlimit three = {3, 3};
    setrlimit(RLIMIT_NOFILE, &three);
    Options options = Defaults();
    options.log_path = path.c_str();
    Report(DoubleFreeAt(0x1000), options);
  });
  EXPECT_EQ(child.exit_status, 1);
  EXPECT_THAT(child.standard_error, HasSubstr("cannot be opened for writing"));
  EXPECT_EQ(CountOf(child.standard_error, kLastWords), 1);
}

TEST(ReportOutput, LosesNothingOnAFullDisk) {
  const std::string path = TemporaryPath("full");
  const ChildResult child = RunInChild([&] {
    const std::string own = path + "." + std::to_string(getpid());
    if (symlink("/dev/full", own.c_str()) != 0) _exit(99);
    Options options = Defaults();
    options.log_path = path.c_str();
    Report(DoubleFreeAt(0x1000), options);
  });
  EXPECT_EQ(child.exit_status, 1);
  const size_t first_line = child.standard_error.find('\n') + 1;
  EXPECT_THAT(child.standard_error.substr(0, first_line),
              HasSubstr("cannot be written to"));
  ExpectWholeReports(child.standard_error.substr(first_line), 1);
}

TEST(ReportOutput, CopiesToTheOutputsOfABazelTest) {
  const std::string folder = TemporaryPath("outputs");
  mkdir(folder.c_str(), 0755);
  const ChildResult child = RunInChild([&] {
    const Options options = GoOn();
    setenv("TEST_UNDECLARED_OUTPUTS_DIR", folder.c_str(), 1);
    Report(DoubleFreeAt(0x1000), options);
  });
  EXPECT_EQ(ReadAll(folder + "/dbgalloc." + std::to_string(child.process_id) +
                    ".txt"),
            child.standard_error);
  ExpectWholeReports(child.standard_error, 1);
}

Options SarifGoingOn() {
  Options options = GoOn();
  options.report_format = ReportFormatChoice::kSarif;
  return options;
}

TEST(ReportOutput, PutsFurtherReportsIntoTheSameLog) {
  const std::string folder = TemporaryPath("sarif_outputs");
  mkdir(folder.c_str(), 0755);
  const ChildResult child = RunInChild([&] {
    const Options options = SarifGoingOn();
    setenv("TEST_UNDECLARED_OUTPUTS_DIR", folder.c_str(), 1);
    Report(DoubleFreeAt(0x1000), options);
    Report(DoubleFreeAt(0x1000), options);
    ReportLeak(options);
  });
  const std::string log = ReadAll(folder + "/dbgalloc." +
                                  std::to_string(child.process_id) + ".txt");
  EXPECT_EQ(CountOf(log, "\"version\":\"2.1.0\""), 1) << log;
  EXPECT_EQ(CountOf(log, "]}]}\n"), 1) << log;
  EXPECT_EQ(CountOf(log, "{\"ruleId\":"), 3) << log;
  EXPECT_EQ(CountOf(log, "},{\"ruleId\":\"leak\""), 1) << log;
  // Nothing can be put into what standard error was given.
  EXPECT_EQ(CountOf(child.standard_error, "\"version\":\"2.1.0\""), 3);
  EXPECT_EQ(CountOf(child.standard_error, "]}]}\n"), 3);
}

TEST(ReportOutput, LeavesOtherContentsOfALogAlone) {
  const std::string path = TemporaryPath("foreign");
  const ChildResult child = RunInChild([&] {
    const std::string own = path + "." + std::to_string(getpid());
    std::ofstream(own) << "not a log of ours]}]}";
    Options options = SarifGoingOn();
    options.log_path = path.c_str();
    Report(DoubleFreeAt(0x1000), options);
  });
  EXPECT_EQ(child.standard_error, "");
  const std::string text =
      ReadAll(path + "." + std::to_string(child.process_id));
  EXPECT_THAT(text, testing::StartsWith("not a log of ours]}]}{\"$schema\""));
}

TEST(ReportOutput, MakesNoFileWhereThereIsNothingToReport) {
  const std::string folder = TemporaryPath("empty_outputs");
  mkdir(folder.c_str(), 0755);
  const ChildResult child = RunInChild([&] {
    Defaults();
    setenv("TEST_UNDECLARED_OUTPUTS_DIR", folder.c_str(), 1);
    GlobalReporter().WatchProcessEnd();
    GlobalReporter().DescribeAddress({});
  });
  EXPECT_EQ(child.exit_status, 0);
  EXPECT_THAT(child.standard_error, HasSubstr("==dbgalloc: 0x0 is "));
  EXPECT_EQ(rmdir(folder.c_str()), 0) << "the folder is not empty";
}

TEST(ReportOutput, GoesToStandardErrorAloneOnRequest) {
  const ChildResult child = RunInChild([] {
    Options options = Defaults();
    setenv("TEST_UNDECLARED_OUTPUTS_DIR", "/nowhere/at/all", 1);
    options.log_sink = LogSinkChoice::kStderr;
    options.log_path = "/nowhere/at/all";
    Report(DoubleFreeAt(0x1000), options);
  });
  ExpectWholeReports(child.standard_error, 1);
}

// The copy in a Bazel test's outputs is an extra: without it nothing is lost.
TEST(ReportOutput, DoesNotComplainAboutTheCopy) {
  const ChildResult child = RunInChild([] {
    const Options options = Defaults();
    setenv("TEST_UNDECLARED_OUTPUTS_DIR", "/nowhere/at/all", 1);
    Report(DoubleFreeAt(0x1000), options);
  });
  ExpectWholeReports(child.standard_error, 1);
}

}  // namespace
}  // namespace dbgalloc::report
