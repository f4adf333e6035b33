#include "alloc/report/glog_sink.h"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <string>

#include "alloc/report/child_process.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace dbgalloc::report {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kRawReport[] =
    "==ERROR: dbgalloc: double-free: Deallocate of 0x1000";
constexpr char kToSink[] = "SINK ERROR";

// glog_probe's end and all that it wrote, to either stream.
ChildResult Probe(const std::string& mode) {
  return RunInChild([&] {
    setenv("GLOG_PROBE_MODE", mode.c_str(), 1);
    unsetenv("TEST_UNDECLARED_OUTPUTS_DIR");
    dup2(STDERR_FILENO, STDOUT_FILENO);
    const char* probe = std::getenv("GLOG_PROBE");
    execl(probe, probe, nullptr);
    _exit(99);
  });
}

// Ends well, with one raw report, and before anybody's patience ends.
void ExpectOneRawReport(const ChildResult& probe) {
  EXPECT_EQ(probe.exit_status, 0) << "signal " << probe.signal;
  EXPECT_THAT(probe.standard_error, HasSubstr(kRawReport));
}

TEST(GlogSink, IsLeftAloneUntilTheProgramInitialisesIt) {
  const ChildResult probe = Probe("not_initialised");
  ExpectOneRawReport(probe);
  EXPECT_THAT(probe.standard_error, Not(HasSubstr(kToSink)));
}

TEST(GlogSink, GetsAWholeReportAsOneMessage) {
  const ChildResult probe = Probe("initialised");
  ExpectOneRawReport(probe);
  EXPECT_EQ(CountOf(probe.standard_error, kToSink), 1);
  const size_t raw = probe.standard_error.find(kRawReport);
  const size_t sink = probe.standard_error.find(kToSink);
  EXPECT_LT(raw, sink) << "the raw text comes first";
  const std::string message = probe.standard_error.substr(sink);
  EXPECT_THAT(message, HasSubstr(kRawReport));
  EXPECT_THAT(message, HasSubstr("second free, by thread T0"));
  EXPECT_THAT(message, HasSubstr(" [dbgalloc]\n"));
  EXPECT_EQ(CountOf(probe.standard_error, kRawReport), 2)
      << "the raw one and the sink's own; glog repeats nothing";
}

TEST(GlogSink, IsLeftAloneBeforeMain) {
  const ChildResult probe = Probe("before_main");
  ExpectOneRawReport(probe);
  EXPECT_THAT(probe.standard_error, Not(HasSubstr(kToSink)));
}

// The thread holds glog's lock: the copy is given up after a second.
TEST(GlogSink, DoesNotDeadlockInsideASink) {
  const auto start = std::chrono::steady_clock::now();
  const ChildResult probe = Probe("inside_sink");
  const auto took = std::chrono::steady_clock::now() - start;
  ExpectOneRawReport(probe);
  EXPECT_LT(took, std::chrono::seconds(5));
}

TEST(GlogSink, AnErrorOfTheSinkItselfIsReportedToo) {
  const ChildResult probe = Probe("sink_fails");
  ExpectOneRawReport(probe);
  EXPECT_THAT(probe.standard_error,
              HasSubstr("double-free: Deallocate of 0x2000"));
  EXPECT_EQ(CountOf(probe.standard_error, kToSink), 1);
}

TEST(GlogSink, IsGivenUpWhenItHangs) {
  const auto start = std::chrono::steady_clock::now();
  const ChildResult probe = Probe("sink_hangs");
  const auto took = std::chrono::steady_clock::now() - start;
  ExpectOneRawReport(probe);
  EXPECT_EQ(CountOf(probe.standard_error,
                    "==ERROR: dbgalloc: double-free: Deallocate of 0x2000"),
            1)
      << "raw only";
  EXPECT_GT(took, std::chrono::seconds(1));
  EXPECT_LT(took, std::chrono::seconds(5)) << "waited for once, not twice";
}

TEST(GlogSink, IsNeverUsedInAForkedChild) {
  const ChildResult probe = Probe("forked_child");
  ExpectOneRawReport(probe);
  EXPECT_EQ(CountOf(probe.standard_error, kRawReport), 20);
  EXPECT_THAT(probe.standard_error, HasSubstr("FAILED CHILDREN 0\n"));
  EXPECT_THAT(probe.standard_error, Not(HasSubstr(kToSink)));
}

TEST(GlogSink, IsLeftAloneOnceTheEndHasBegun) {
  for (const char* mode : {"at_exit", "late_destructor"}) {
    const ChildResult probe = Probe(mode);
    ExpectOneRawReport(probe);
    EXPECT_THAT(probe.standard_error, Not(HasSubstr(kToSink))) << mode;
  }
}

// The main thread's thread-locals live on then; the sink's own static object is
// what notices.
TEST(GlogSink, SurvivesTheEndOfTheProcessInAnotherThread) {
  ExpectOneRawReport(Probe("exit_in_thread"));
}

}  // namespace
}  // namespace dbgalloc::report
