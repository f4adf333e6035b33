// Where a thread's stack ends, when the first who asks runs on another one.
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include <cstdio>
#include <vector>

#include "alloc/os/thread.h"

namespace dbgalloc::os {
namespace {

void AskFirst(int) { CurrentStackBounds(); }

void RaiseOnAlternateStack() {
  std::vector<char> memory(64 << 10);
  stack_t stack = {};
  stack.ss_sp = memory.data();
  stack.ss_size = memory.size();
  sigaltstack(&stack, nullptr);
  struct sigaction action = {};
  action.sa_handler = &AskFirst;
  action.sa_flags = SA_ONSTACK;
  sigaction(SIGUSR1, &action, nullptr);
  raise(SIGUSR1);
  stack.ss_flags = SS_DISABLE;
  sigaltstack(&stack, nullptr);
}

// In a process of its own, where nobody has asked before.
TEST(StackBoundsDeathTest, OfTheMainThreadAreRightWhereASignalStackAsksFirst) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        RaiseOnAlternateStack();
        int here = 0;
        const StackBounds bounds = CurrentStackBounds();
        const uintptr_t address = reinterpret_cast<uintptr_t>(&here);
        std::fprintf(stderr, "%#zx is to lie in [%#zx, %#zx)\n", address,
                     bounds.low, bounds.high);
        exit(bounds.low <= address && address < bounds.high ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace dbgalloc::os
