#include "alloc/pool/size_classes.h"

#include "gtest/gtest.h"

namespace dbgalloc::pool {
namespace {

TEST(PoolSizeClasses, EverySizeHasTheSmallestClassThatHoldsIt) {
  for (size_t size = 1; size <= kMaxSmallSize; ++size) {
    SizeClass size_class = ClassOf(size);
    ASSERT_GE(size_class, 1u);
    ASSERT_LE(size_class, kClasses);
    ASSERT_GE(ClassSize(size_class), size);
    if (size_class > 1) {
      ASSERT_LT(ClassSize(size_class - 1), size);
    }
  }
}

TEST(PoolSizeClasses, NothingAskedForIsTheSmallestBlock) {
  EXPECT_EQ(ClassOf(0), 1u);
  EXPECT_EQ(ClassSize(ClassOf(0, 64)), 64u);
}

TEST(PoolSizeClasses, WasteIsAtMostAnEighthAbove128) {
  for (size_t size = 129; size <= kMaxSmallSize; ++size) {
    size_t waste = ClassSize(ClassOf(size)) - size;
    ASSERT_LE(waste * 8, ClassSize(ClassOf(size))) << size;
  }
}

TEST(PoolSizeClasses, ThereAreAtLeast64) { EXPECT_GE(kClasses, 64u); }

TEST(PoolSizeClasses, ABlockIsAMultipleOfTheAlignmentAskedFor) {
  for (size_t alignment = 1; alignment <= kMaxSmallAlignment; alignment *= 2) {
    for (size_t size = 0; size <= kMaxSmallSize; size += size / 7 + 1) {
      size_t rounded = (size + alignment - 1) & ~(alignment - 1);
      if (rounded > kMaxSmallSize) break;
      size_t class_size = ClassSize(ClassOf(size, alignment));
      ASSERT_GE(class_size, size);
      ASSERT_EQ(class_size % alignment, 0u) << size << " at " << alignment;
    }
  }
}

}  // namespace
}  // namespace dbgalloc::pool
