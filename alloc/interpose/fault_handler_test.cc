// Programs that handle SIGSEGV themselves behave as if dbgalloc were not there,
// and faults in heap memory are explained all the same.
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>

#include "dbgalloc/c_api.h"
#include "gtest/gtest.h"

namespace {

sigjmp_buf landing;
siginfo_t seen;
volatile int calls = 0;
volatile bool was_blocked = false;
volatile uintptr_t handler_stack = 0;

void Note(int signal) {
  sigset_t now;
  sigprocmask(SIG_BLOCK, nullptr, &now);
  was_blocked = sigismember(&now, signal) == 1;
  handler_stack = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  calls = calls + 1;
}

void Jump(int signal, siginfo_t* info, void*) {
  seen = *info;
  Note(signal);
  siglongjmp(landing, 1);
}

void OldStyle(int signal) {
  Note(signal);
  siglongjmp(landing, 1);
}

struct sigaction ActionOf(void (*handler)(int, siginfo_t*, void*), int flags) {
  struct sigaction action = {};
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO | flags;
  return action;
}

class FaultHandlerTest : public testing::Test {
 protected:
  FaultHandlerTest() {
    page_ = static_cast<char*>(
        mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    calls = 0;
    memset(&seen, 0, sizeof(seen));
  }
  ~FaultHandlerTest() override {
    munmap(page_, 4096);
    signal(SIGSEGV, SIG_DFL);
  }
  // False: it did not come back.
  static bool Touch(volatile char* address) {
    if (sigsetjmp(landing, 1) != 0) return false;
    *address = 1;
    return true;
  }
  char* page_;
};

TEST_F(FaultHandlerTest, AFaultThatIsNotOursIsTheProgramsUnchanged) {
  struct sigaction action = ActionOf(Jump, 0);
  ASSERT_EQ(sigaction(SIGSEGV, &action, nullptr), 0);
  EXPECT_FALSE(Touch(page_ + 100));
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(seen.si_signo, SIGSEGV);
  EXPECT_EQ(seen.si_code, SEGV_ACCERR);
  EXPECT_EQ(seen.si_addr, page_ + 100);
  EXPECT_TRUE(was_blocked);
}

TEST_F(FaultHandlerTest, ItMayJumpOutAsOftenAsItLikes) {
  struct sigaction action = ActionOf(Jump, 0);
  ASSERT_EQ(sigaction(SIGSEGV, &action, nullptr), 0);
  for (int i = 0; i < 1000; ++i) ASSERT_FALSE(Touch(page_));
  EXPECT_EQ(calls, 1000);
}

TEST_F(FaultHandlerTest, ItMayMendThePageAndReturn) {
  struct sigaction action = ActionOf(
      [](int, siginfo_t* info, void*) {
        Note(SIGSEGV);
        uintptr_t address = reinterpret_cast<uintptr_t>(info->si_addr);
        mprotect(reinterpret_cast<void*>(address & ~uintptr_t{4095}), 4096,
                 PROT_READ | PROT_WRITE);
      },
      0);
  ASSERT_EQ(sigaction(SIGSEGV, &action, nullptr), 0);
  EXPECT_TRUE(Touch(page_ + 8));
  EXPECT_EQ(page_[8], 1);
  EXPECT_EQ(calls, 1);
}

TEST_F(FaultHandlerTest, QueriesReturnWhatTheProgramSet) {
  struct sigaction found = {};
  ASSERT_EQ(sigaction(SIGSEGV, nullptr, &found), 0);
  EXPECT_EQ(found.sa_handler, SIG_DFL);
  struct sigaction action = ActionOf(Jump, SA_RESTART | SA_NODEFER);
  sigaddset(&action.sa_mask, SIGUSR1);
  ASSERT_EQ(sigaction(SIGSEGV, &action, &found), 0);
  EXPECT_EQ(found.sa_handler, SIG_DFL);
  ASSERT_EQ(sigaction(SIGSEGV, nullptr, &found), 0);
  EXPECT_EQ(found.sa_sigaction, &Jump);
  EXPECT_EQ(found.sa_flags & (SA_SIGINFO | SA_RESTART | SA_NODEFER),
            SA_SIGINFO | SA_RESTART | SA_NODEFER);
  EXPECT_EQ(sigismember(&found.sa_mask, SIGUSR1), 1);
  EXPECT_EQ(reinterpret_cast<void*>(signal(SIGSEGV, OldStyle)),
            reinterpret_cast<void*>(&Jump));
  EXPECT_EQ(signal(SIGSEGV, SIG_IGN), &OldStyle);
  EXPECT_EQ(signal(SIGSEGV, SIG_DFL), SIG_IGN);
  EXPECT_EQ(signal(SIGSEGV, SIG_ERR), SIG_ERR);
}

TEST_F(FaultHandlerTest, OldHandlersWorkToo) {
  signal(SIGSEGV, OldStyle);
  EXPECT_FALSE(Touch(page_));
  EXPECT_FALSE(Touch(page_));
  EXPECT_EQ(calls, 2);
}

TEST_F(FaultHandlerTest, ResetHandAndNoDefer) {
  struct sigaction action = ActionOf(Jump, SA_RESETHAND | SA_NODEFER);
  ASSERT_EQ(sigaction(SIGSEGV, &action, nullptr), 0);
  EXPECT_FALSE(Touch(page_));
  EXPECT_FALSE(was_blocked);
  struct sigaction found = {};
  sigaction(SIGSEGV, nullptr, &found);
  EXPECT_EQ(found.sa_handler, SIG_DFL);
}

TEST_F(FaultHandlerTest, TheMaskOfTheActionIsInForce) {
  struct sigaction action = ActionOf(
      [](int, siginfo_t*, void*) {
        sigset_t now;
        sigprocmask(SIG_BLOCK, nullptr, &now);
        was_blocked = sigismember(&now, SIGUSR2) == 1;
        siglongjmp(landing, 1);
      },
      0);
  sigaddset(&action.sa_mask, SIGUSR2);
  ASSERT_EQ(sigaction(SIGSEGV, &action, nullptr), 0);
  was_blocked = false;
  EXPECT_FALSE(Touch(page_));
  EXPECT_TRUE(was_blocked);
}

TEST_F(FaultHandlerTest, TheSignalStackIsUsedIfTheActionSaysSo) {
  constexpr size_t kSize = 65536;
  static char memory[kSize];
  stack_t stack = {};
  stack.ss_sp = memory;
  stack.ss_size = kSize;
  ASSERT_EQ(sigaltstack(&stack, nullptr), 0);
  uintptr_t begin = reinterpret_cast<uintptr_t>(memory);
  for (int flags : {0, SA_ONSTACK}) {
    struct sigaction action = ActionOf(Jump, flags);
    ASSERT_EQ(sigaction(SIGSEGV, &action, nullptr), 0);
    EXPECT_FALSE(Touch(page_));
    EXPECT_EQ(handler_stack - begin < kSize, flags != 0);
  }
  stack.ss_flags = SS_DISABLE;
  sigaltstack(&stack, nullptr);
}

TEST_F(FaultHandlerTest, SentSignalsReachTheHandler) {
  struct sigaction action = ActionOf(Jump, 0);
  ASSERT_EQ(sigaction(SIGSEGV, &action, nullptr), 0);
  if (sigsetjmp(landing, 1) == 0) raise(SIGSEGV);
  EXPECT_EQ(calls, 1);
  EXPECT_LE(seen.si_code, 0);
  signal(SIGSEGV, SIG_IGN);
  raise(SIGSEGV);
  EXPECT_EQ(calls, 1);
}

TEST_F(FaultHandlerTest, BusErrorsToo) {
  char name[] = "/tmp/short.XXXXXX";
  int file = mkstemp(name);
  unlink(name);
  ASSERT_EQ(ftruncate(file, 0), 0);
  void* mapped =
      mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  struct sigaction action = ActionOf(Jump, 0);
  ASSERT_EQ(sigaction(SIGBUS, &action, nullptr), 0);
  EXPECT_FALSE(Touch(static_cast<char*>(mapped)));
  EXPECT_EQ(seen.si_signo, SIGBUS);
  EXPECT_EQ(seen.si_code, BUS_ADRERR);
  signal(SIGBUS, SIG_DFL);
}

using FaultHandlerDeathTest = FaultHandlerTest;

TEST_F(FaultHandlerDeathTest, WithoutAHandlerTheProcessDiesOfTheFault) {
  EXPECT_EXIT(*const_cast<volatile char*>(page_) = 1,
              testing::KilledBySignal(SIGSEGV), "^$");
  EXPECT_EXIT(raise(SIGSEGV), testing::KilledBySignal(SIGSEGV), "^$");
  EXPECT_EXIT(
      {
        signal(SIGSEGV, SIG_IGN);
        *const_cast<volatile char*>(page_) = 1;
      },
      testing::KilledBySignal(SIGSEGV), "^$");
}

TEST_F(FaultHandlerDeathTest, ResetHandLeavesTheDefaultAction) {
  EXPECT_EXIT(
      {
        struct sigaction action = ActionOf(Jump, SA_RESETHAND);
        sigaction(SIGSEGV, &action, nullptr);
        Touch(page_);
        Touch(page_);
      },
      testing::KilledBySignal(SIGSEGV), "^$");
}

[[gnu::noinline]] int Recurse(int depth) {
  volatile char room[4096];
  room[0] = static_cast<char>(depth);
  return depth == -1 ? 0 : Recurse(depth + 1) + room[0];
}

TEST_F(FaultHandlerDeathTest, AStackThatOverflowsIsTheProgramsMatter) {
  EXPECT_EXIT(Recurse(0), testing::KilledBySignal(SIGSEGV), "^$");
  EXPECT_EXIT(
      {
        static char memory[65536];
        stack_t stack = {};
        stack.ss_sp = memory;
        stack.ss_size = sizeof(memory);
        sigaltstack(&stack, nullptr);
        struct sigaction action =
            ActionOf([](int, siginfo_t*, void*) { _exit(42); }, SA_ONSTACK);
        sigaction(SIGSEGV, &action, nullptr);
        Recurse(0);
      },
      testing::ExitedWithCode(42), "^$");
}

// The heap's faults: large blocks fault in every mode.
char* FreedLargeBlock() {
  uintptr_t address = reinterpret_cast<uintptr_t>(malloc(1 << 20));
  free(reinterpret_cast<void*>(address));
  return reinterpret_cast<char*>(address);
}

TEST_F(FaultHandlerDeathTest, FaultsInTheHeapAreExplainedBeforeAnyHandler) {
  EXPECT_EXIT(
      {
        struct sigaction action =
            ActionOf([](int, siginfo_t*, void*) { _exit(42); }, 0);
        sigaction(SIGSEGV, &action, nullptr);
        FreedLargeBlock()[5] = 1;
      },
      testing::ExitedWithCode(1),
      "use-after-free: write to 0x[0-9a-f]+, offset 5 in a 1048576-byte block");
}

// The least that a signal stack may have: reports need more, and get it.
TEST_F(FaultHandlerDeathTest, ASmallSignalStackWillDo) {
  EXPECT_EXIT(
      {
        static char memory[8192];
        stack_t stack = {};
        stack.ss_sp = memory;
        stack.ss_size = sizeof(memory);
        sigaltstack(&stack, nullptr);
        struct sigaction action =
            ActionOf([](int, siginfo_t*, void*) { _exit(42); }, SA_ONSTACK);
        sigaction(SIGSEGV, &action, nullptr);
        FreedLargeBlock()[5] = 1;
      },
      testing::ExitedWithCode(1), "SUMMARY: dbgalloc: use-after-free");
}

TEST_F(FaultHandlerDeathTest, AFaultWhileOneIsExplainedEndsTheProcess) {
  EXPECT_EXIT(
      {
        dbgalloc_set_error_callback([](const char*) {
          *reinterpret_cast<volatile int*>(uintptr_t{16}) = 1;
        });
        FreedLargeBlock()[5] = 1;
      },
      testing::KilledBySignal(SIGSEGV),
      "a memory fault while a memory fault was being explained");
}

}  // namespace
