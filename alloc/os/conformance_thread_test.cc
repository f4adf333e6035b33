// Threads and faults: what thread.h, thread_end.h, helper_thread.h,
// fault_signals.h and trap.h promise in words, on the platform that this runs
// on.
#include <errno.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <string.h>

#include <atomic>
#include <string>
#include <thread>

#include "alloc/os/platform_services.h"

namespace dbgalloc::os {
namespace {

uintptr_t AddressOf(const void* pointer) {
  return reinterpret_cast<uintptr_t>(pointer);
}

template <typename Function>
void OnAnotherThread(Function function) {
  std::thread(function).join();
}

TEST(ThreadsConformance, NumbersAreGivenOnce) {
  const uint32_t here = SystemThreads::CurrentThread();
  EXPECT_EQ(SystemThreads::CurrentThread(), here);
  uint32_t first = here, second = here;
  OnAnotherThread([&] { first = SystemThreads::CurrentThread(); });
  OnAnotherThread([&] { second = SystemThreads::CurrentThread(); });
  EXPECT_NE(first, here);
  EXPECT_NE(second, here);
  EXPECT_NE(first, second);
}

TEST(ThreadsConformance, TheSystemsNumberLeadsBack) {
  const uint32_t here = SystemThreads::CurrentThread();
  const int kernel_id = SystemThreads::KernelThreadId(here);
  EXPECT_NE(kernel_id, 0);
  EXPECT_EQ(SystemThreads::FindThread(kernel_id), here);
  EXPECT_EQ(SystemThreads::FindThread(-7), kMaxThreads);
  EXPECT_EQ(SystemThreads::KernelThreadId(kMaxThreads), 0);
}

TEST(ThreadsConformance, TheFirstThreadIsTheMainOne) {
  EXPECT_TRUE(SystemThreads::IsMainThread());
  bool is_main = true;
  bool may_have_threads = false;
  OnAnotherThread([&] {
    is_main = SystemThreads::IsMainThread();
    may_have_threads = SystemThreads::MayHaveThreads();
  });
  EXPECT_FALSE(is_main);
  EXPECT_TRUE(may_have_threads);
}

TEST(ThreadsConformance, NamesFitTheirBuffer) {
  const uint32_t here = SystemThreads::CurrentThread();
  char name[64];
  memset(name, 'x', sizeof(name));
  const size_t size = SystemThreads::ThreadName(here, name, sizeof(name));
  ASSERT_LT(size, sizeof(name));
  EXPECT_EQ(name[size], '\0');
  EXPECT_EQ(SystemThreads::ThreadName(here, name, 1), 0u);
  EXPECT_EQ(name[0], '\0');
  EXPECT_EQ(SystemThreads::ThreadName(here, name, 0), 0u);
}

TEST(ThreadsConformance, NamesOutliveTheirThreads) {
  uint32_t ended = 0;
  std::string before;
  char name[64];
  OnAnotherThread([&] {
    ended = SystemThreads::CurrentThread();
    before.assign(name, SystemThreads::ThreadName(ended, name, sizeof(name)));
    SystemThreads::RememberCurrentThreadName();
  });
  EXPECT_EQ(std::string(name, SystemThreads::ThreadName(ended, name, 64)),
            before);
  EXPECT_EQ(SystemThreads::KernelThreadId(ended), 0);
}

void ExpectBoundsHold() {
  int here = 0;
  const StackBounds bounds = SystemThreads::CurrentStackBounds();
  EXPECT_LE(bounds.low, AddressOf(&here));
  EXPECT_GT(bounds.high, AddressOf(&here));
  EXPECT_TRUE(SystemProbe::IsReadable((bounds.high - 1) & ~uintptr_t{7}));
}

TEST(ThreadsConformance, StackBoundsHoldTheCallersFrame) {
  ExpectBoundsHold();
  OnAnotherThread([] { ExpectBoundsHold(); });
}

TEST(ThreadsConformance, CallsLeaveTheErrorNumber) {
  OnAnotherThread([] {
    errno = EDOM;
    SystemThreads::CurrentThread();
    SystemThreads::CurrentStackBounds();
    SystemThreads::Yield();
    EXPECT_EQ(errno, EDOM);
  });
}

std::atomic<int> ends{0};
std::atomic<uint32_t> ended_thread{UINT32_MAX};

void NoteEnd() {
  ended_thread = SystemThreads::CurrentThread();
  ++ends;
}

TEST(ThreadEndsConformance, OnlyWhoAskedIsTold) {
  OnAnotherThread([] {});
  EXPECT_EQ(ends, 0);
  uint32_t thread = 0;
  OnAnotherThread([&] {
    thread = SystemThreads::CurrentThread();
    ASSERT_TRUE(SystemThreadEnds::CallAtThreadEnd(&NoteEnd));
    ASSERT_TRUE(SystemThreadEnds::CallAtThreadEnd(&NoteEnd));
    EXPECT_EQ(ends, 0);
  });
  EXPECT_EQ(ends, 1);
  EXPECT_EQ(ended_thread, thread);
}

TEST(ThreadEndsConformance, ForkHandlersAreTaken) {
  EXPECT_TRUE(SystemThreadEnds::CallAroundFork([] {}, [] {}, [] {}));
}

TEST(HelperThreadsConformance, WorkRunsElsewhere) {
  struct Job {
    std::atomic<bool> done{false};
    uint32_t thread = 0;
  } job;
  ASSERT_TRUE(SystemHelperThreads::StartHelperThread(
      [](void* argument) {
        auto* work = static_cast<Job*>(argument);
        work->thread = SystemThreads::CurrentThread();
        work->done = true;
      },
      &job));
  while (!job.done) SystemHelperThreads::SleepNanoseconds(1'000'000);
  EXPECT_NE(job.thread, SystemThreads::CurrentThread());
}

// What is touched by the tests below; an address that nothing else has.
char* closed_page = nullptr;
// Of the thread that touches it; the handler runs on another stack.
StackBounds stack_bounds;

const char* NameOf(FaultAccess access) {
  switch (access) {
    case FaultAccess::kRead:
      return "read";
    case FaultAccess::kWrite:
      return "write";
    case FaultAccess::kExecute:
      return "execute";
    default:
      return "unknown";
  }
}

void TellAndEnd(const Fault& fault) {
  const std::string where =
      AddressOf(closed_page) + 8 == fault.address ? "as touched" : "elsewhere";
  const bool has_registers = fault.program_counter != 0 &&
                             fault.stack_pointer >= stack_bounds.low &&
                             fault.stack_pointer < stack_bounds.high;
  SystemFiles::WriteAll(kStandardError,
                        std::string(NameOf(fault.access)) + " " + where +
                            (has_registers ? ", registers" : ", none") + "\n");
  SystemProcessEnds::ExitNow(17);
}

void TellAndGoOn(const Fault&) {
  SystemFiles::WriteAll(kStandardError, "told\n");
}

void CloseAPage() {
  stack_bounds = SystemThreads::CurrentStackBounds();
  const size_t page = SystemPages::PageSize();
  closed_page = static_cast<char*>(SystemPages::MapPages(page, page));
  SystemPages::ClosePages(closed_page, page);
}

[[gnu::noinline]] void ReadThere() {
  static_cast<void>(*static_cast<volatile char*>(closed_page + 8));
}

[[gnu::noinline]] void WriteThere() {
  *static_cast<volatile char*>(closed_page + 8) = 1;
}

// Emulators (tools/toolchains) know where memory was touched, but not how.
std::string Told(const std::string& access) {
  const bool is_emulated = getenv("DBGALLOC_RUNNER") != nullptr;
  return (is_emulated ? "" : access) + " as touched, registers";
}

TEST(FaultsConformanceDeathTest, TheHandlerIsToldWhatAndWhere) {
  const auto fault = [](void (*touch)()) {
    CloseAPage();
    SystemFaults::HandleFaults(&TellAndEnd);
    touch();
  };
  EXPECT_EXIT(fault(&ReadThere), testing::ExitedWithCode(17), Told("read"));
  EXPECT_EXIT(fault(&WriteThere), testing::ExitedWithCode(17), Told("write"));
}

TEST(FaultsConformanceDeathTest, TheFirstHandlerStays) {
  EXPECT_EXIT(
      {
        CloseAPage();
        SystemFaults::HandleFaults(&TellAndEnd);
        SystemFaults::HandleFaults(&TellAndGoOn);
        ReadThere();
      },
      testing::ExitedWithCode(17), "as touched");
}

TEST(FaultsConformanceDeathTest, AReturningHandlerLeavesTheFaultToTheProgram) {
  EXPECT_DEATH(
      {
        CloseAPage();
        SystemFaults::HandleFaults(&TellAndGoOn);
        ReadThere();
      },
      "told");
}

TEST(FaultsConformanceDeathTest, AFaultInTheHandlerEndsTheProcess) {
  EXPECT_DEATH(
      {
        CloseAPage();
        SystemFaults::HandleFaults([](const Fault&) { WriteThere(); });
        ReadThere();
      },
      "a memory fault while a memory fault was being explained");
}

TEST(TrapsConformanceDeathTest, ATrapEndsAProcessWithoutADebugger) {
  EXPECT_DEATH(SystemTraps::RaiseTrap(), "");
}

}  // namespace
}  // namespace dbgalloc::os
