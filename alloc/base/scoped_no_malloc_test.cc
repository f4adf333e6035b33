#include "alloc/base/scoped_no_malloc.h"

#include <gtest/gtest.h>

namespace dbgalloc::base {
namespace {

TEST(ScopedNoMalloc, AllowsMallocOutsideTheScope) {
  { ScopedNoMalloc no_malloc; }
  ScopedNoMalloc::AssertMallocAllowed();
  EXPECT_TRUE(malloc_gate.IsOpen());
}

TEST(ScopedNoMallocDeathTest, DiesInsideTheScope) {
  EXPECT_EXIT(
      {
        ScopedNoMalloc no_malloc;
        ScopedNoMalloc::AssertMallocAllowed();
      },
      testing::KilledBySignal(SIGABRT), "dbgalloc bug: !malloc_gate.Has");
}

TEST(ScopedNoMallocDeathTest, AnInnerScopeDoesNotLiftTheOuterOne) {
  EXPECT_EXIT(
      {
        ScopedNoMalloc outer;
        { ScopedNoMalloc inner; }
        ScopedNoMalloc::AssertMallocAllowed();
      },
      testing::KilledBySignal(SIGABRT), "dbgalloc bug: !malloc_gate.Has");
}

TEST(ScopedArenaMalloc, ClosesTheGateOfItsThreadForItsScope) {
  {
    ScopedArenaMalloc arena;
    EXPECT_FALSE(malloc_gate.IsOpen());
  }
  EXPECT_TRUE(malloc_gate.IsOpen());
}

}  // namespace
}  // namespace dbgalloc::base
