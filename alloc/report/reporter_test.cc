#include "alloc/report/reporter.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "alloc/report/child_process.h"
#include "alloc/report/reporter_test_support.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace dbgalloc::report {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(Reporter, EndsTheProcessAfterTheFirstError) {
  const ChildResult child = RunInChild([] {
    Options options = Defaults();
    options.exitcode = 7;
    Report(DoubleFreeAt(0x1000), options);
    Report(DoubleFreeAt(0x2000), options);
  });
  EXPECT_EQ(child.exit_status, 7);
  EXPECT_THAT(child.standard_error,
              StartsWith("==" + std::to_string(child.process_id) +
                         "==ERROR: dbgalloc: double-free: free of 0x1000"));
  ExpectWholeReports(child.standard_error, 1);
}

TEST(Reporter, AbortsOnRequest) {
  const ChildResult child = RunInChild([] {
    Options options = Defaults();
    options.abort_on_error = true;
    Report(DoubleFreeAt(0x1000), options);
  });
  EXPECT_EQ(child.signal, SIGABRT);
  ExpectWholeReports(child.standard_error, 1);
}

TEST(Reporter, GoesOnAndEndsWithTheErrorStatus) {
  const std::string path = TemporaryPath("unflushed");
  const ChildResult child = RunInChild([&] {
    std::FILE* file = std::fopen(path.c_str(), "w");
    std::fputs("still in stdio's buffer", file);
    Report(DoubleFreeAt(0x1000), GoOn());
    Report(DoubleFreeAt(0x2000), GoOn());
    std::exit(5);
  });
  EXPECT_EQ(child.exit_status, 1);
  ExpectWholeReports(child.standard_error, 2);
  EXPECT_EQ(ReadAll(path), "still in stdio's buffer");
}

TEST(Reporter, LeavesTheStatusAloneWithExitcodeZero) {
  const ChildResult child = RunInChild([] {
    Options options = GoOn();
    options.exitcode = 0;
    Report(DoubleFreeAt(0x1000), options);
    std::exit(5);
  });
  EXPECT_EQ(child.exit_status, 5);
}

TEST(Reporter, LeaksChangeAStatusOfZeroOnly) {
  EXPECT_EQ(RunInChild([] { ReportLeak(Defaults()); }).exit_status, 23);
  EXPECT_EQ(RunInChild([] {
              ReportLeak(Defaults());
              std::exit(3);
            }).exit_status,
            3);
  EXPECT_EQ(RunInChild([] {
              ReportLeak(GoOn());
              Report(DoubleFreeAt(0x1000), GoOn());
            }).exit_status,
            1);
}

TEST(Reporter, LeaksFoundAtExitCountToo) {
  const ChildResult child = RunInChild([] {
    std::atexit([] { ReportLeak(Defaults()); });
    ReportLeak(Defaults());
  });
  EXPECT_EQ(child.exit_status, 23);
  ExpectWholeReports(child.standard_error, 2);

  // The only leak, seen after the end was looked at.
  EXPECT_EQ(RunInChild([] {
              std::atexit([] { ReportLeak(Defaults()); });
            }).exit_status,
            23);
}

TEST(Reporter, AnErrorInTheLastHandlerCounts) {
  const ChildResult child = RunInChild([] {
    std::atexit([] { Report(DoubleFreeAt(0x1000), GoOn()); });
    GlobalReporter().WatchProcessEnd();
  });
  EXPECT_EQ(child.exit_status, 1);
}

TEST(Reporter, AForkedChildDoesNotInheritTheStatus) {
  const ChildResult child = RunInChild([] {
    Report(DoubleFreeAt(0x1000), GoOn());
    const ChildResult grandchild = RunInChild([] {});
    _exit(grandchild.exit_status == 0 ? 42 : 43);
  });
  EXPECT_EQ(child.exit_status, 42);
}

TEST(Reporter, NotesChangeNothing) {
  const ChildResult child = RunInChild([] {
    ErrorRecord note;
    note.kind = ErrorKind::kMemoryLimit;
    note.operation = Operation::kAllocate;
    note.claimed_size = 64;
    note.address = 1;
    for (int i = 0; i < 100; ++i) Report(note, Defaults());
  });
  EXPECT_EQ(child.exit_status, 0);
  EXPECT_THAT(child.standard_error, HasSubstr("NOTE: dbgalloc: memory-limit"));
  EXPECT_THAT(child.standard_error, Not(HasSubstr("ERROR")));
  EXPECT_THAT(child.standard_error, HasSubstr("again, 100 times by now"));
  EXPECT_EQ(CountOf(child.standard_error, "\n"), 5) << child.standard_error;
}

TEST(Reporter, WritesOneObjectALineOnRequest) {
  const ChildResult child = RunInChild([] {
    Options options = GoOn();
    options.report_format = ReportFormatChoice::kJson;
    for (int i = 0; i < 3; ++i) Report(DoubleFreeAt(0x1000), options);
    ReportLeak(options);
  });
  EXPECT_EQ(child.exit_status, 1);
  const std::string& text = child.standard_error;
  EXPECT_EQ(CountOf(text, "\n"), 3) << text;
  EXPECT_EQ(CountOf(text, "{\"schema\":1,"), 3) << text;
  EXPECT_EQ(CountOf(text, "\"type\":\"repeat\""), 1) << text;
  EXPECT_EQ(CountOf(text, "\"type\":\"leaks\""), 1) << text;
  EXPECT_EQ(CountOf(text, "=="), 0) << text;
}

TEST(Reporter, CutsRepeatsOnly) {
  const ChildResult child = RunInChild([] {
    for (int i = 0; i < 5; ++i) Report(DoubleFreeAt(0x1000), GoOn());
    Report(DoubleFreeAt(0x2000), GoOn());
  });
  EXPECT_EQ(CountOf(child.standard_error, "ERROR: dbgalloc:"), 2);
  EXPECT_EQ(CountOf(child.standard_error, "again, 2 times by now"), 1);
  EXPECT_EQ(CountOf(child.standard_error, "NOTE: dbgalloc:"), 1);
}

// Threads that fail at once, all told to end the process.
void FailTogether(int thread_count, const Options& options) {
  std::atomic<int> ready{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < thread_count; ++i) {
    threads.emplace_back([&, i] {
      ++ready;
      while (ready < thread_count) {
      }
      Report(DoubleFreeAt(0x1000 + static_cast<uintptr_t>(i)), options);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Reporter, ThreadsThatFailAtOnceWriteWholeReports) {
  for (int round = 0; round < 20; ++round) {
    ChildResult child = RunInChild([] { FailTogether(2, Defaults()); });
    EXPECT_EQ(child.exit_status, 1);
    const int reports = CountOf(child.standard_error, "ERROR: dbgalloc:");
    EXPECT_GE(reports, 1);
    ExpectWholeReports(child.standard_error, reports);
    child = RunInChild([] { FailTogether(8, GoOn()); });
    EXPECT_EQ(child.exit_status, 1);
    ExpectWholeReports(child.standard_error, 8);
  }
}

// The second report is on its way while the first one is being written: the
// process must not end before it is out.
TEST(Reporter, WaitsForTheReportOfAnotherThread) {
  const ChildResult child = RunInChildWithSlowReader([] {
    std::thread first([] { Report(DoubleFreeAt(0x1000), Defaults()); });
    std::thread second([] { Report(DoubleFreeAt(0x2000), Defaults()); });
    first.join();
    second.join();
  });
  ExpectWholeReports(child.standard_error, 2);
  EXPECT_EQ(child.exit_status, 1);
}

void FailInsideAHandler(int) { Report(DoubleFreeAt(0xbad), GoOn()); }

// The kernel sends the signal while the report is being written to the file.
// What was written of it by then goes to standard error.
TEST(Reporter, AnErrorInsideAReportWritesOneLineAndDies) {
  const std::string path = TemporaryPath("limited");
  const ChildResult child = RunInChild([&] {
    signal(SIGXFSZ, &FailInsideAHandler);
    const rlimit none = {0, 0};
    setrlimit(RLIMIT_FSIZE, &none);
    Options options = GoOn();
    options.log_path = path.c_str();
    options.exitcode = 9;
    Report(DoubleFreeAt(0x1000), options);
    _exit(0);
  });
  EXPECT_EQ(child.exit_status, 1) << "of the second error's options";
  EXPECT_EQ(CountOf(child.standard_error, "\n"), 3) << child.standard_error;
  EXPECT_THAT(child.standard_error, HasSubstr("double-free: free of 0x1000"));
  EXPECT_THAT(child.standard_error,
              HasSubstr("double-free: while a report was being written: free "
                        "of 0xbad"));
}

// A thread holds the report lock at the time of the fork, and for ever.
TEST(Reporter, AForkedChildReportsWhateverItsParentWasDoing) {
  const ChildResult child = RunInChild([] {
    int ends[2];
    if (pipe(ends) != 0) _exit(99);
    dup2(ends[1], STDERR_FILENO);
    fcntl(ends[1], F_SETFL, fcntl(ends[1], F_GETFL) | O_NONBLOCK);
    char filler[4096] = {};
    while (write(ends[1], filler, sizeof(filler)) > 0) {
    }
    fcntl(ends[1], F_SETFL, fcntl(ends[1], F_GETFL) & ~O_NONBLOCK);
    std::thread([] { Report(DoubleFreeAt(0x1000), Defaults()); }).detach();
    usleep(100'000);
    const ChildResult grandchild =
        RunInChild([] { Report(DoubleFreeAt(0x2000), Defaults()); });
    const bool whole = CountOf(grandchild.standard_error, kLastWords) == 1;
    _exit(whole && grandchild.exit_status == 1 ? 42 : 43);
  });
  EXPECT_EQ(child.exit_status, 42);
}

TEST(Reporter, KeepsErrno) {
  EXPECT_EQ(RunInChild([] {
              Options options = GoOn();
              options.log_path = "/nowhere/at/all";
              errno = EXDEV;
              Report(DoubleFreeAt(0x1000), options);
              ReportLeak(options);
              _exit(errno == EXDEV ? 42 : 43);
            }).exit_status,
            42);
}

TEST(Reporter, ObeysTheEnvironmentThroughTheDefaultSink) {
  const ChildResult child = RunInChild([] {
    setenv("DBGALLOC_OPTIONS", "exitcode=77", 1);
    DefaultErrorSink().OnError(DoubleFreeAt(0x1000));
  });
  EXPECT_EQ(child.exit_status, 77);
}

TEST(Reporter, ObeysTheOptionsOfOneAllocator) {
  const ChildResult child = RunInChild([] {
    Options options = GoOn();
    options.exitcode = 78;
    OptionsErrorSink sink(options);
    sink.OnError(DoubleFreeAt(0x1000));
    EXPECT_EQ(GlobalReporter().errors(), 1u);
  });
  EXPECT_EQ(child.exit_status, 78);
}

}  // namespace
}  // namespace dbgalloc::report
