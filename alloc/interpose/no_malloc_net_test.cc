// The third net of the malloc line, on a planted violation: malloc under a lock
// of ours dies where it happens. And it does no more than that: in a program
// that does not ask for it, the same is served.
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include "alloc/base/scoped_no_malloc.h"

extern "C" const char dbgalloc_enforce_no_malloc = 1;

namespace dbgalloc::interpose {
namespace {

void* volatile block = nullptr;

TEST(NoMallocNetDeathTest, MallocUnderALockDies) {
  EXPECT_EXIT(
      {
        base::ScopedNoMalloc no_malloc;
        block = malloc(10);
      },
      testing::KilledBySignal(SIGABRT), "dbgalloc bug: !malloc_gate.Has");
}

TEST(NoMallocNetDeathTest, FreeUnderALockDies) {
  block = malloc(10);
  EXPECT_EXIT(
      {
        base::ScopedNoMalloc no_malloc;
        free(block);
      },
      testing::KilledBySignal(SIGABRT), "dbgalloc bug: !malloc_gate.Has");
  free(block);
}

TEST(NoMallocNetDeathTest, ReallocUnderALockDies) {
  block = malloc(10);
  EXPECT_EXIT(
      {
        base::ScopedNoMalloc no_malloc;
        block = realloc(block, 100);
      },
      testing::KilledBySignal(SIGABRT), "dbgalloc bug: !malloc_gate.Has");
  free(block);
}

TEST(NoMallocNet, TheArenaServesWhoAsksForIt) {
  base::ScopedArenaMalloc arena;
  block = malloc(10);
  EXPECT_NE(block, nullptr);
  block = realloc(block, 1000);
  EXPECT_NE(block, nullptr);
  free(block);
}

TEST(NoMallocNet, BlocksPassBetweenHeapAndArena) {
  void* volatile of_heap = malloc(10);
  {
    base::ScopedArenaMalloc arena;
    block = malloc(10);
    free(of_heap);
  }
  free(block);
}

}  // namespace
}  // namespace dbgalloc::interpose
