// The program's own allocations fail on request, in every function that
// allocates.
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <cstdint>
#include <new>
#include <string>

#include "dbgalloc/c_api.h"
#include "gtest/gtest.h"

namespace {

class InducedFailuresTest : public testing::Test {
 protected:
  ~InducedFailuresTest() override { Take(""); }

  // From here on, under these flags.
  static void Take(const char* options) {
    ASSERT_EQ(dbgalloc_set_fail_options(options), 0);
  }

  static dbgalloc_fail_counts Counts() {
    dbgalloc_fail_counts counts = {};
    EXPECT_EQ(dbgalloc_get_fail_counts(&counts, sizeof(counts)), 0);
    return counts;
  }
};

// Hides a block from the optimizer, which may leave out malloc and free.
void* Opaque(void* block) {
  asm volatile("" : "+r"(block) : : "memory");
  return block;
}

bool Allocates(void* block) {
  const bool there = Opaque(block) != nullptr;
  free(block);
  return there;
}

TEST_F(InducedFailuresTest, EveryFunctionOfMallocsFamilyFails) {
  Take("fail_index=0");
  errno = 0;
  const bool malloc_fails = !Allocates(malloc(8));
  const bool sets_errno = errno == ENOMEM;
  const bool calloc_fails = !Allocates(calloc(2, 8));
  const bool realloc_fails = !Allocates(realloc(nullptr, 8));
  const bool memalign_fails = !Allocates(memalign(64, 8));
  const bool aligned_alloc_fails = !Allocates(aligned_alloc(64, 64));
  void* block = nullptr;
  const int posix_result = posix_memalign(&block, 64, 8);
  Take("");
  EXPECT_TRUE(malloc_fails && sets_errno);
  EXPECT_TRUE(calloc_fails && realloc_fails);
  EXPECT_TRUE(memalign_fails && aligned_alloc_fails);
  EXPECT_EQ(posix_result, ENOMEM);
}

TEST_F(InducedFailuresTest, EveryOperatorNewFailsInItsOwnWay) {
  struct alignas(64) Large {
    char bytes[64];
  };
  Take("fail_index=0");
  int thrown = 0;
  for (int form = 0; form < 4; ++form) {
    try {
      if (form == 0) delete static_cast<int*>(Opaque(new int));
      if (form == 1) delete[] static_cast<int*>(Opaque(new int[3]));
      if (form == 2) delete static_cast<Large*>(Opaque(new Large));
      if (form == 3) delete[] static_cast<Large*>(Opaque(new Large[3]));
    } catch (const std::bad_alloc&) {
      ++thrown;
    }
  }
  const bool nothrow = Opaque(new (std::nothrow) int) == nullptr;
  const bool nothrow_array = Opaque(new (std::nothrow) int[3]) == nullptr;
  const bool nothrow_aligned = Opaque(new (std::nothrow) Large) == nullptr;
  Take("");
  EXPECT_EQ(thrown, 4);
  EXPECT_TRUE(nothrow && nothrow_array && nothrow_aligned);
}

TEST_F(InducedFailuresTest, TheNewHandlerIsAskedFirst) {
  static int calls;
  calls = 0;
  Take("fail_index=0");
  std::set_new_handler([] {
    ++calls;
    if (calls == 3) dbgalloc_set_fail_index(-1);
  });
  int* block = static_cast<int*>(Opaque(new int));
  std::set_new_handler(nullptr);
  Take("");
  EXPECT_NE(block, nullptr);
  EXPECT_EQ(calls, 3);
  delete block;
}

TEST_F(InducedFailuresTest, ARefusedResizeLeavesTheBlockAsItWas) {
  char* block = static_cast<char*>(malloc(16));
  memset(block, 'x', 16);
  Take("resize_fail_index=1:fail_mode=once");
  char* first = static_cast<char*>(realloc(block, 32));
  char* refused = static_cast<char*>(realloc(first, 64));
  char* second =
      refused == nullptr ? static_cast<char*>(realloc(first, 64)) : nullptr;
  const dbgalloc_fail_counts counts = Counts();
  Take("");
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(refused, nullptr);
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(std::string(second, 16), std::string(16, 'x'));
  EXPECT_EQ(counts.resizes, 2u);
  EXPECT_EQ(counts.failures, 1u);
  EXPECT_EQ(counts.allocations, 0u);
  free(second);
}

TEST_F(InducedFailuresTest, OnlySuccessAdvancesTheIndex) {
  Take("fail_index=2");
  int made = 0;
  for (int i = 0; i < 5; ++i) made += Allocates(malloc(8));
  const dbgalloc_fail_counts counts = Counts();
  dbgalloc_set_fail_index(3);
  const int raised = Allocates(malloc(8)) + Allocates(malloc(8));
  Take("");
  EXPECT_EQ(made, 2);
  EXPECT_EQ(counts.allocations, 2u);
  EXPECT_EQ(counts.failures, 3u);
  EXPECT_EQ(raised, 1);
}

TEST_F(InducedFailuresTest, ARefusalThatNobodyInducedGivesTheIndexBack) {
  Take("fail_index=1000000");
  const bool refused = !Allocates(malloc(PTRDIFF_MAX));
  const dbgalloc_fail_counts counts = Counts();
  Take("");
  EXPECT_TRUE(refused);
  EXPECT_EQ(counts.allocations, 0u);
  EXPECT_EQ(counts.failures, 0u);
}

TEST_F(InducedFailuresTest, CompanionsChoose) {
  Take("fail_min_size=1000");
  const bool small = Allocates(malloc(999));
  const bool large = Allocates(malloc(1000));
  Take("fail_every=2");
  std::string seen;
  for (int i = 0; i < 4; ++i) seen += Allocates(malloc(8)) ? '.' : 'F';
  Take("");
  EXPECT_TRUE(small);
  EXPECT_FALSE(large);
  EXPECT_EQ(seen, "F.F.");
}

TEST_F(InducedFailuresTest, ResettingTheCountersBeginsAtZero) {
  Take("fail_index=1:fail_mode=once");
  std::string seen;
  for (int i = 0; i < 3; ++i) seen += Allocates(malloc(8)) ? '.' : 'F';
  dbgalloc_reset_fail_counters();
  for (int i = 0; i < 3; ++i) seen += Allocates(malloc(8)) ? '.' : 'F';
  Take("");
  EXPECT_EQ(seen, ".F..F.");
}

TEST_F(InducedFailuresTest, AMistakeChangesNothing) {
  Take("fail_index=0");
  const int result = dbgalloc_set_fail_options("fail_indexx=7");
  const bool fails = !Allocates(malloc(8));
  Take("");
  EXPECT_EQ(result, -1);
  EXPECT_TRUE(fails);
}

// The notes of the failures lie before the last line.
TEST_F(InducedFailuresTest, TheDeathOfTheProcessNamesTheLastFailure) {
  const auto die = [](int signal) {
    Take("fail_index=0:fail_mode=once");
    static_cast<void>(Allocates(malloc(77)));
    raise(signal);
  };
  EXPECT_EXIT(die(SIGSEGV), testing::KilledBySignal(SIGSEGV),
              "process dies of signal 11; the last failure that was induced: "
              "malloc of 77 bytes, allocation 0");
  EXPECT_EXIT(die(SIGABRT), testing::KilledBySignal(SIGABRT),
              "process dies of signal 6");
}

void LeaveByException() {
  dbgalloc_set_fail_options("fail_index=0:fail_mode=once");
  // The stack has no handler: std::terminate is called at the throw.
  []() noexcept { Opaque(new int[100]); }();
}

TEST_F(InducedFailuresTest, AnUncaughtExceptionNamesTheLastFailure) {
  EXPECT_EXIT(LeaveByException(), testing::KilledBySignal(SIGABRT),
              "last failure that was induced: operator new\\[\\] of 400 bytes");
}

TEST_F(InducedFailuresTest, ASignalThatTheProgramHandlesIsItsOwn) {
  const auto handle = [] {
    signal(SIGABRT, [](int) { _exit(7); });
    Take("fail_index=0:fail_mode=once");
    static_cast<void>(Allocates(malloc(77)));
    abort();
  };
  EXPECT_EXIT(handle(), testing::ExitedWithCode(7), "");
}

}  // namespace
