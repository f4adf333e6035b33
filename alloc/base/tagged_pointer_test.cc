#include "alloc/base/tagged_pointer.h"

#include <cstdlib>
#include <string_view>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace dbgalloc::base {
namespace {

// The emulator of the tests is told which processor to be.
TEST(HasLse, AsTheProcessorHasIt) {
  const char* processor = std::getenv("DBGALLOC_QEMU_CPU");
  if (processor == nullptr) GTEST_SKIP() << "of an unknown processor";
  EXPECT_EQ(HasLse(), std::string_view(processor) == "max");
}

class TaggedPointerTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!CanCompareTagged()) GTEST_SKIP() << "no 128-bit exchange here";
  }
};

TEST_F(TaggedPointerTest, BothHalvesMustBeAsExpected) {
  TaggedPointer value{1, 2};
  EXPECT_FALSE(CompareAndSwap(value, {1, 3}, {8, 9}));
  EXPECT_FALSE(CompareAndSwap(value, {0, 2}, {8, 9}));
  EXPECT_EQ(LoadTagged(value), (TaggedPointer{1, 2}));
  EXPECT_TRUE(CompareAndSwap(value, {1, 2}, {8, 9}));
  EXPECT_EQ(LoadTagged(value), (TaggedPointer{8, 9}));
}

TEST_F(TaggedPointerTest, ThreadsLoseNoStep) {
  constexpr uintptr_t kSteps = 50000;
  TaggedPointer value;
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&value] {
      for (uintptr_t step = 0; step < kSteps;) {
        TaggedPointer seen = LoadTagged(value);
        if (CompareAndSwap(value, seen, {seen.pointer + 1, seen.tag + 2})) {
          ++step;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(LoadTagged(value), (TaggedPointer{2 * kSteps, 4 * kSteps}));
}

}  // namespace
}  // namespace dbgalloc::base
