// What a program does itself about reports: its callback and its hook.
#include "alloc/report/program_hooks.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "alloc/report/child_process.h"
#include "alloc/report/reporter.h"
#include "alloc/report/reporter_test_support.h"
#include "dbgalloc/c_api.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace {

enum class HookWork { kSay, kFail, kDawdle };
HookWork hook_work = HookWork::kSay;

void Say(const std::string& text) {
  if (write(STDERR_FILENO, text.data(), text.size()) < 0) _exit(99);
}

}  // namespace

void __dbgalloc_on_error() {
  Say("hook begins\n");
  if (hook_work == HookWork::kFail) {
    dbgalloc::report::Report(dbgalloc::report::DoubleFreeAt(0x9000),
                             dbgalloc::report::Defaults());
  }
  if (hook_work == HookWork::kDawdle) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  Say("hook ends\n");
}

namespace dbgalloc::report {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

TEST(ErrorHook, RunsBeforeTheProcessEnds) {
  const ChildResult child = RunInChild([] {
    Options options = Defaults();
    options.exitcode = 9;
    Report(DoubleFreeAt(0x1000), options);
  });
  EXPECT_EQ(child.exit_status, 9);
  EXPECT_THAT(child.standard_error,
              EndsWith(std::string(kLastWords) + "hook begins\nhook ends\n"));
}

TEST(ErrorHook, RunsBeforeAnAbortToo) {
  const ChildResult child = RunInChild([] {
    Options options = Defaults();
    options.abort_on_error = true;
    Report(DoubleFreeAt(0x1000), options);
  });
  EXPECT_EQ(child.signal, SIGABRT);
  EXPECT_THAT(child.standard_error, EndsWith("hook ends\n"));
}

TEST(ErrorHook, DoesNotRunWhereTheProcessGoesOn) {
  const ChildResult child = RunInChild([] {
    Report(DoubleFreeAt(0x1000), GoOn());
    ReportLeak(Defaults());
  });
  ExpectWholeReports(child.standard_error, 2);
}

TEST(ErrorHook, IsNotCalledForAnErrorOfItsOwn) {
  const ChildResult child = RunInChild([] {
    hook_work = HookWork::kFail;
    Report(DoubleFreeAt(0x1000), Defaults());
  });
  EXPECT_EQ(child.exit_status, 1);
  EXPECT_EQ(CountOf(child.standard_error, "hook begins"), 1);
  EXPECT_EQ(CountOf(child.standard_error, "hook ends"), 0);
  EXPECT_EQ(CountOf(child.standard_error, kLastWords), 2);
}

TEST(ErrorHook, RunsOnceAndToItsEndWhenSeveralThreadsFail) {
  const ChildResult child = RunInChild([] {
    hook_work = HookWork::kDawdle;
    std::vector<std::thread> threads;
    for (uintptr_t i = 1; i <= 4; ++i) {
      threads.emplace_back(
          [i] { Report(DoubleFreeAt(0x1000 * i), Defaults()); });
    }
    for (std::thread& thread : threads) thread.join();
  });
  EXPECT_EQ(child.exit_status, 1);
  EXPECT_EQ(CountOf(child.standard_error, "hook begins"), 1);
  EXPECT_THAT(child.standard_error, HasSubstr("hook ends\n"));
}

void Echo(const char* report) { Say("<<" + std::string(report) + ">>"); }

TEST(ErrorCallback, GetsTheWholeTextAfterItIsWritten) {
  const ChildResult child = RunInChild([] {
    dbgalloc_set_error_callback(&Echo);
    Options options = GoOn();
    options.color = ColorChoice::kAlways;
    Report(DoubleFreeAt(0x1000), options);
    dbgalloc_set_error_callback(nullptr);
    Report(DoubleFreeAt(0x2000), options);
  });
  const std::string& text = child.standard_error;
  EXPECT_EQ(CountOf(text, "<<"), 1);
  const size_t begin = text.find("<<");
  const size_t end = text.find(">>");
  ASSERT_NE(end, std::string::npos);
  EXPECT_THAT(text.substr(0, begin), EndsWith(kLastWords));
  ExpectWholeReports(text.substr(begin + 2, end - begin - 2), 1);
}

TEST(ErrorCallback, ComesBeforeTheHook) {
  const ChildResult child = RunInChild([] {
    dbgalloc_set_error_callback(&Echo);
    Report(DoubleFreeAt(0x1000), Defaults());
  });
  EXPECT_THAT(child.standard_error, EndsWith(">>hook begins\nhook ends\n"));
}

TEST(ErrorCallback, GetsLeaksToo) {
  const ChildResult child = RunInChild([] {
    dbgalloc_set_error_callback(&Echo);
    ReportLeak(Defaults());
  });
  EXPECT_THAT(child.standard_error, HasSubstr("<<=="));
  EXPECT_THAT(child.standard_error, HasSubstr("ERROR: dbgalloc: leak"));
}

TEST(ErrorCallback, KeepsTheErrnoOfTheProgram) {
  const ChildResult child = RunInChild([] {
    dbgalloc_set_error_callback([](const char*) { errno = EBADF; });
    errno = EAGAIN;
    Report(DoubleFreeAt(0x1000), GoOn());
    _exit(errno == EAGAIN ? 42 : 43);
  });
  EXPECT_EQ(child.exit_status, 42);
}

TEST(ErrorCallback, MayEndTheProcessItself) {
  const ChildResult child = RunInChild([] {
    dbgalloc_set_error_callback([](const char*) { _exit(77); });
    Report(DoubleFreeAt(0x1000), Defaults());
  });
  EXPECT_EQ(child.exit_status, 77);
  ExpectWholeReports(child.standard_error, 1);
}

// Reported like any other, without the callback, and without waiting.
TEST(ErrorCallback, MayFailItself) {
  const auto start = std::chrono::steady_clock::now();
  const ChildResult child = RunInChild([] {
    dbgalloc_set_error_callback([](const char*) {
      Say("callback\n");
      Report(DoubleFreeAt(0x2000), Defaults());
    });
    Report(DoubleFreeAt(0x1000), Defaults());
  });
  EXPECT_EQ(child.exit_status, 1);
  EXPECT_EQ(CountOf(child.standard_error, "callback\n"), 1);
  EXPECT_EQ(CountOf(child.standard_error, kLastWords), 2);
  EXPECT_THAT(child.standard_error, Not(HasSubstr("while a report")));
  EXPECT_LT(std::chrono::steady_clock::now() - start,
            std::chrono::milliseconds(1900));
}

TEST(ErrorCallback, MayDescribeAnAddress) {
  const ChildResult child = RunInChild([] {
    dbgalloc_set_error_callback([](const char*) {
      AddressFinding finding;
      finding.address = 0x5000;
      GlobalReporter().DescribeAddress(finding);
    });
    Report(DoubleFreeAt(0x1000), GoOn());
  });
  EXPECT_THAT(child.standard_error, HasSubstr("; not in the heap\n"));
}

// Another thread's report does not wait for a callback.
TEST(ErrorCallback, IsCalledWithoutALock) {
  const ChildResult child = RunInChild([] {
    static std::atomic<bool> other_is_done{false};
    dbgalloc_set_error_callback([](const char*) {
      dbgalloc_set_error_callback(nullptr);
      std::thread other([] {
        Report(DoubleFreeAt(0x2000), GoOn());
        other_is_done = true;
      });
      other.join();
    });
    Report(DoubleFreeAt(0x1000), GoOn());
    _exit(other_is_done ? 42 : 43);
  });
  EXPECT_EQ(child.exit_status, 42);
  ExpectWholeReports(child.standard_error, 2);
}

}  // namespace
}  // namespace dbgalloc::report
