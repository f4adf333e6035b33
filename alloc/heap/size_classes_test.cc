#include "alloc/heap/size_classes.h"

#include "gtest/gtest.h"

namespace dbgalloc::heap {
namespace {

TEST(SizeClasses, CapacitiesRiseInMultiplesOfSixteen) {
  size_t previous = 0;
  for (size_t c = 0; c < kMaxClasses; ++c) {
    size_t capacity = ClassCapacity(c);
    EXPECT_GT(capacity, previous) << c;
    EXPECT_EQ(capacity % kGranule, 0u) << c;
    previous = capacity;
  }
  EXPECT_EQ(previous, size_t{1} << 20);
}

TEST(SizeClasses, EverySizeGetsTheSmallestClassThatHoldsIt) {
  EXPECT_EQ(SizeClassOf(0), 0u);
  for (size_t size = 1; size <= size_t{1} << 20; ++size) {
    size_t size_class = SizeClassOf(size);
    ASSERT_LT(size_class, kMaxClasses) << size;
    ASSERT_GE(ClassCapacity(size_class), size);
    if (size_class > 0) {
      ASSERT_LT(ClassCapacity(size_class - 1), size);
    }
  }
}

TEST(SizeClasses, AtMostANinthIsSlackAboveOneHundredTwentyEight) {
  for (size_t size = 129; size <= size_t{1} << 20; ++size) {
    size_t capacity = ClassCapacity(SizeClassOf(size));
    ASSERT_LE((capacity - size) * 9, capacity) << size;
  }
}

TEST(SizeClasses, EveryCapacityIsOfItsOwnClass) {
  for (size_t c = 0; c < kMaxClasses; ++c) {
    EXPECT_EQ(SizeClassOf(ClassCapacity(c)), c);
  }
}

TEST(SizeClasses, Arithmetic) {
  EXPECT_EQ(RoundUp(0, 16), 0u);
  EXPECT_EQ(RoundUp(1, 16), 16u);
  EXPECT_EQ(RoundUp(16, 16), 16u);
  for (unsigned bit = 0; bit < 8 * sizeof(size_t); ++bit) {
    EXPECT_EQ(Log2Floor(size_t{1} << bit), bit);
    EXPECT_EQ(Log2Floor((size_t{1} << bit) | 1), bit);
  }
}

}  // namespace
}  // namespace dbgalloc::heap
