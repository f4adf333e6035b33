// Captured stacks against the known truth. This file is built several times:
// with and without frame pointers, optimized and not.
#include "alloc/stack/unwind.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <time.h>
#include <ucontext.h>
#include <unwind.h>

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "alloc/stack/capture_entry.h"
#include "alloc/stack/known_calls.h"
#include "alloc/stack/known_stack.h"
#include "alloc/stack/loaded_module.h"

namespace dbgalloc::stack {
namespace {

TEST(CaptureStack, TablesGiveEveryCaller) {
  for (int depth = 0; depth < 40; ++depth) {
    RunAtDepth(depth, CheckCapture<UnwindMethod::kTables>);
  }
}

TEST(CaptureStack, AutoGivesEveryCaller) {
  for (int depth = 0; depth < 40; ++depth) {
    RunAtDepth(depth, CheckCapture<UnwindMethod::kAuto>);
  }
}

TEST(CaptureStack, GoesThroughThreeHundredLevels) {
  // Descend and the function between two of its calls: two levels each.
  RunAtDepth(150, CheckCapture<UnwindMethod::kAuto>);
}

#ifndef DBGALLOC_NO_FRAME_POINTERS
TEST(CaptureStack, FramePointersGiveEveryCaller) {
  for (int depth = 0; depth < 40; ++depth) {
    RunAtDepth(depth, CheckCapture<UnwindMethod::kFramePointer>);
  }
}
#endif

TEST(CaptureStack, EndsWithTheFirstFunctionOfTheThread) {
  uintptr_t here[kMaxFrames];
  const size_t count = CaptureHere(here, kMaxFrames, UnwindMethod::kTables);
  ASSERT_LT(count, kMaxFrames);
  // main, __libc_start_call_main, __libc_start_main, _start at least.
  ASSERT_GT(count, 4u);
}

TEST(CaptureStack, KeepsToTheNumberOfFrames) {
  for (size_t limit = 0; limit < 8; ++limit) {
    uintptr_t frames[9] = {};
    EXPECT_EQ(CaptureHere(frames, limit, UnwindMethod::kAuto), limit);
    EXPECT_EQ(frames[limit], 0u);
  }
}

TEST(CaptureStack, WorksInAThread) {
  std::thread([] { RunAtDepth(20, CheckCapture<UnwindMethod::kAuto>); }).join();
}

int CompareByCapturing(const void*, const void*) {
  CheckCaptureAmongOthers<UnwindMethod::kAuto>();
  return 0;
}

// The C library keeps no frame pointers.
TEST(CaptureStack, GoesThroughTheCLibrary) {
  RunAtDepth(9, [] {
    int numbers[4] = {4, 3, 2, 1};
    qsort(numbers, 4, sizeof(int), CompareByCapturing);
  });
}

TEST(CaptureStack, GoesThroughTheCxxLibrary) {
  RunAtDepth(9, [] {
    std::function<void()> function = [] {
      CheckCaptureAmongOthers<UnwindMethod::kAuto>();
    };
    function();
  });
}

struct CapturesWhenDestroyed {
  ~CapturesWhenDestroyed() { CheckCaptureAmongOthers<UnwindMethod::kAuto>(); }
};

TEST(CaptureStack, WorksWhileAnExceptionPasses) {
  RunAtDepth(9, [] {
    try {
      CapturesWhenDestroyed captures;
      throw std::runtime_error("on purpose");
    } catch (const std::exception&) {
    }
  });
}

void CaptureInHandler(int) { CheckCaptureAmongOthers<UnwindMethod::kAuto>(); }

class CaptureInSignalHandler : public testing::Test {
 protected:
  void Install(int flags) {
    struct sigaction action = {};
    action.sa_handler = CaptureInHandler;
    action.sa_flags = flags;
    ASSERT_EQ(sigaction(SIGUSR1, &action, &old_action_), 0);
  }
  void TearDown() override { sigaction(SIGUSR1, &old_action_, nullptr); }

  struct sigaction old_action_ = {};
};

TEST_F(CaptureInSignalHandler, GoesThroughTheSignalFrame) {
  Install(0);
  RunAtDepth(17, [] { raise(SIGUSR1); });
}

TEST_F(CaptureInSignalHandler, GoesBackFromTheAlternateStack) {
  std::vector<char> room(size_t{256} << 10);
  stack_t alternate = {};
  alternate.ss_sp = room.data();
  alternate.ss_size = room.size();
  stack_t old_alternate;
  ASSERT_EQ(sigaltstack(&alternate, &old_alternate), 0);
  Install(SA_ONSTACK);
  RunAtDepth(17, [] { raise(SIGUSR1); });
  ASSERT_EQ(sigaltstack(&old_alternate, nullptr), 0);
}

// While the C++ runtime moves on to the handler of an exception, its own frame
// holds the handler's registers: nobody can tell its caller then.
LoadedModule cxx_unwinder;

bool IsInUnwinder(uintptr_t program_counter) {
  return program_counter >= cxx_unwinder.start &&
         program_counter < cxx_unwinder.end;
}

// The callers of the test itself, with which every trace must end.
std::vector<uintptr_t> outer_frames;

bool EndsAsItShould(const uintptr_t* frames, size_t count) {
  if (std::any_of(frames, frames + count, IsInUnwinder)) return true;
  return count > outer_frames.size() &&
         std::equal(outer_frames.begin(), outer_frames.end(),
                    frames + count - outer_frames.size());
}

bool IsInVdso(uintptr_t program_counter) {
  LoadedModule vdso;
  const uintptr_t begin = getauxval(AT_SYSINFO_EHDR);
  return begin != 0 && FindLoadedModule(begin, &vdso) &&
         program_counter >= vdso.start && program_counter < vdso.end;
}

volatile int seen_in_vdso = 0;
volatile int complete = 0;
volatile int cut_short = 0;

// Interrupted at any instruction, prologues and epilogues included.
TEST_F(CaptureInSignalHandler, IsCompleteWhereverTheSignalFalls) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "its own wrapper of the unwinder is like the unwinder";
#endif
  uintptr_t here[64];
  const size_t count = CaptureHere(here, 64, UnwindMethod::kTables);
  outer_frames.assign(here + 1, here + count);
  ASSERT_TRUE(FindLoadedModule(
      reinterpret_cast<uintptr_t>(&_Unwind_RaiseException), &cxx_unwinder));
  if (IsInUnwinder(here[0])) GTEST_SKIP() << "linked into the program";
  struct sigaction action = {};
  action.sa_handler = [](int) {
    uintptr_t frames[64];
    const size_t captured = CaptureHere(frames, 64, UnwindMethod::kTables);
    if (std::any_of(frames, frames + captured, IsInVdso)) {
      seen_in_vdso = seen_in_vdso + 1;
    }
    if (EndsAsItShould(frames, captured)) {
      complete = complete + 1;
    } else {
      cut_short = cut_short + 1;
    }
  };
  ASSERT_EQ(sigaction(SIGPROF, &action, nullptr), 0);
  timer_t timer;
  sigevent event = {};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGPROF;
  ASSERT_EQ(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
  const itimerspec often = {{0, 100000}, {0, 100000}};
  ASSERT_EQ(timer_settime(timer, 0, &often, nullptr), 0);
  for (int i = 0; complete < 2000 && i < 500000; ++i) {
    RunAtDepth(8, [] {
      // In the vdso, which keeps no frame pointers.
      timespec now;
      for (int j = 0; j < 8; ++j) clock_gettime(CLOCK_MONOTONIC, &now);
    });
  }
  timer_delete(timer);
  signal(SIGPROF, SIG_IGN);
  EXPECT_GT(complete, 0);
  // Where the clock is read without a system call.
  RecordProperty("seen_in_vdso", seen_in_vdso);
  EXPECT_EQ(cut_short, 0);
}

ucontext_t main_context;
ucontext_t other_context;

void RunOnOtherStack() {
  RunAtDepth(12, CheckCapture<UnwindMethod::kAuto>);
  RunAtDepth(12, CheckCapture<UnwindMethod::kTables>);
}

TEST(CaptureStack, WorksOnAStackOfTheProgramsOwn) {
  constexpr size_t kRoom = size_t{512} << 10;
  void* room = mmap(nullptr, kRoom, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(room, MAP_FAILED);
  ASSERT_EQ(getcontext(&other_context), 0);
  other_context.uc_stack.ss_sp = room;
  other_context.uc_stack.ss_size = kRoom;
  other_context.uc_link = &main_context;
  makecontext(&other_context, RunOnOtherStack, 0);
  ASSERT_EQ(swapcontext(&main_context, &other_context), 0);
  munmap(room, kRoom);
}

#ifdef __x86_64__
// As coroutine libraries switch: nothing but the stack pointer changes, and no
// table says so.
[[gnu::noinline]] void CallOnStack(char* top, void (*function)()) {
  asm volatile(
      "movq %%rsp, %%rbx\n\t"
      "movq %0, %%rsp\n\t"
      "callq *%1\n\t"
      "movq %%rbx, %%rsp"
      :
      : "r"(top), "r"(function)
      : "rbx", "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11",
        "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8",
        "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "cc",
        "memory");
}

// Of the functions that run there, every caller is found; what lies beyond the
// switch is not asked for.
template <UnwindMethod kMethod>
void RunOnSwitchedStack() {
  std::vector<uintptr_t> outside;
  outside.swap(KnownReturnAddresses());
  RunAtDepth(12, CheckCapture<kMethod>);
  outside.swap(KnownReturnAddresses());
}

TEST(CaptureStack, WorksOnAStackThatOnlyTheStackPointerKnows) {
  constexpr size_t kRoom = size_t{512} << 10;
  void* room = mmap(nullptr, kRoom, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(room, MAP_FAILED);
  char* const top = static_cast<char*>(room) + kRoom;
  CallOnStack(top, RunOnSwitchedStack<UnwindMethod::kAuto>);
  CallOnStack(top, RunOnSwitchedStack<UnwindMethod::kTables>);
#ifndef DBGALLOC_NO_FRAME_POINTERS
  CallOnStack(top, RunOnSwitchedStack<UnwindMethod::kFramePointer>);
#endif
  munmap(room, kRoom);
}
#endif

TEST(InvalidateUnwindCache, ChangesNoTrace) {
  for (int i = 0; i < 3; ++i) {
    RunAtDepth(20, CheckCapture<UnwindMethod::kTables>);
    InvalidateUnwindCache();
  }
}

}  // namespace
}  // namespace dbgalloc::stack
