// The shield, by mprotect and by protection keys. Built twice: with the
// machine's keys, and with keys that are played (SHIELD_TEST_PLAYS_KEYS).
#include "alloc/base/shielded_memory.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csetjmp>
#include <csignal>
#include <cstring>
#include <thread>

#include "alloc/base/state_shield.h"
#include "alloc/os/fake_protection_keys.h"
#include "gtest/gtest.h"

namespace dbgalloc::base {
namespace {

constexpr size_t kPage = 4096;

sigjmp_buf before_fault;

void OnFault(int) { siglongjmp(before_fault, 1); }

// Whether a write to the byte faults.
bool WriteFaults(volatile char* byte) {
  struct sigaction action = {};
  action.sa_handler = &OnFault;
  struct sigaction before = {};
  sigaction(SIGSEGV, &action, &before);
  bool faults = sigsetjmp(before_fault, 1) != 0;
  if (!faults) *byte = 'x';
  sigaction(SIGSEGV, &before, nullptr);
  return faults;
}

// Each test turns on a shield of its own: in a child.
class ShieldTest : public testing::TestWithParam<ShieldMode> {
 protected:
  void SetUp() override {
#ifndef SHIELD_TEST_PLAYS_KEYS
    bool has_keys = false;
    InChild([&] { _exit(StartShield(ShieldMode::kKeys) == ShieldMode::kKeys); },
            &has_keys);
    if (GetParam() == ShieldMode::kKeys && !has_keys) {
      GTEST_SKIP() << "this machine has no protection keys";
    }
#endif
  }

  template <typename Function>
  static void InChild(Function run, bool* status_is_one) {
    pid_t child = fork();
    if (child == 0) {
      run();
      _exit(testing::Test::HasFailure() ? 2 : 0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    *status_is_one = WIFEXITED(status) && WEXITSTATUS(status) == 1;
    ASSERT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
    ASSERT_LT(WEXITSTATUS(status), 2);
  }
  // Runs a test with the shield on.
  template <typename Function>
  void Shielded(Function run) {
    bool ignored;
    InChild(
        [&] {
          ASSERT_EQ(StartShield(GetParam()), GetParam());
          run();
        },
        &ignored);
  }
  static char* Take(size_t size) {
    ScopedOpenState open;
    return static_cast<char*>(TakeShielded(size, kPage));
  }
};

INSTANTIATE_TEST_SUITE_P(Modes, ShieldTest,
                         testing::Values(ShieldMode::kMprotect,
                                         ShieldMode::kKeys));

TEST_P(ShieldTest, CanBeWrittenOnlyWhileOpen) {
  Shielded([] {
    char* state = Take(3 * kPage);
    for (char* byte = state; byte < state + 3 * kPage; byte += kPage / 2) {
      EXPECT_TRUE(WriteFaults(byte));
      EXPECT_EQ(*byte, 0) << "it can be read";
      ScopedOpenState open;
      EXPECT_FALSE(WriteFaults(byte));
    }
    EXPECT_TRUE(WriteFaults(state));
  });
}

TEST_P(ShieldTest, ScopesNest) {
  Shielded([] {
    char* state = Take(kPage);
    {
      ScopedOpenState outer;
      { ScopedOpenState inner; }
      EXPECT_FALSE(WriteFaults(state));
      {
        ScopedClosedState program;
        EXPECT_TRUE(WriteFaults(state));
        {
          ScopedOpenState from_the_program;
          EXPECT_FALSE(WriteFaults(state));
        }
        EXPECT_TRUE(WriteFaults(state));
      }
      EXPECT_FALSE(WriteFaults(state));
    }
    EXPECT_TRUE(WriteFaults(state));
  });
}

TEST_P(ShieldTest, GrowsWhileOpenAndIsUsedAgain) {
  Shielded([] {
    constexpr size_t kSize = size_t{40} << 20;
    char* first = Take(kSize);
    char* second = Take(kSize);
    ASSERT_NE(first, nullptr);
    ASSERT_NE(second, nullptr);
    EXPECT_GE(second, first + kSize);
    EXPECT_TRUE(WriteFaults(first + kSize - 1));
    EXPECT_TRUE(WriteFaults(second + kSize - 1));
    ScopedOpenState open;
    memset(first, 1, kSize);
    GiveShielded(first, kSize);
    EXPECT_EQ(TakeShielded(kSize, kPage), first);
    for (size_t i = 0; i < kSize; i += 8) ASSERT_EQ(first[i], 0);
  });
}

TEST_P(ShieldTest, KnowsItsAddresses) {
  Shielded([] {
    char on_stack = 0;
    char* state = Take(kPage);
    EXPECT_TRUE(IsShielded(reinterpret_cast<uintptr_t>(state)));
    EXPECT_FALSE(IsShielded(reinterpret_cast<uintptr_t>(&on_stack)));
    EXPECT_FALSE(IsShielded(0));
    ScopedOpenState open;
    EXPECT_EQ(TakeShielded(SIZE_MAX / 2, kPage), nullptr);
  });
}

TEST_P(ShieldTest, AForkedChildIsShieldedToo) {
  Shielded([] {
    char* state = Take(kPage);
    bool ignored;
    InChild(
        [&] {
          ResetShieldAfterFork();
          EXPECT_TRUE(WriteFaults(state));
          ScopedOpenState open;
          EXPECT_FALSE(WriteFaults(state));
        },
        &ignored);
  });
}

// Who has no rights gets them where the allocator is entered, and leaves with
// the right to read.
#ifdef SHIELD_TEST_PLAYS_KEYS
TEST_P(ShieldTest, ASignalHandlerAndAThreadOlderThanTheKeyCanEnter) {
  if (GetParam() != ShieldMode::kKeys) GTEST_SKIP() << "of keys";
  Shielded([] {
    char* state = Take(kPage);
    os::TakeAllRightsAway();
    {
      ScopedOpenState open;
      *state = 2;
      // A handler that interrupts the allocator, and leaves it.
      os::TakeAllRightsAway();
      { ScopedOpenState in_the_handler; }
      *state = 3;
    }
    EXPECT_EQ(*state, 3);
    EXPECT_TRUE(WriteFaults(state));
  });
}

TEST_P(ShieldTest, RightsAreSetTwiceAScope) {
  if (GetParam() != ShieldMode::kKeys) GTEST_SKIP() << "of keys";
  Shielded([] {
    Take(kPage);
    int before = os::RightsSet();
    { ScopedOpenState open; }
    EXPECT_EQ(os::RightsSet(), before + 2);
  });
}
#else
TEST_P(ShieldTest, OtherThreadsHaveScopesOfTheirOwn) {
  Shielded([] {
    char* state = Take(kPage);
    std::thread([state] {
      EXPECT_TRUE(WriteFaults(state));
      ScopedOpenState open;
      EXPECT_FALSE(WriteFaults(state));
    }).join();
    EXPECT_TRUE(WriteFaults(state));
  });
}
#endif

}  // namespace
}  // namespace dbgalloc::base
