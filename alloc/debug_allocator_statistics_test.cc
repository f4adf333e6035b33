// The figures that an allocator gives of itself.
#include <cstring>
#include <vector>

#include "alloc/debug_allocator_test_support.h"
#include "gtest/gtest.h"

namespace dbgalloc::testing_support {
namespace {

constexpr size_t kMebibyte = size_t{1} << 20;

class StatisticsTest : public DebugAllocatorTest {
 protected:
  void SetUp() override { Make(BaseOptions()); }
  DebugAllocatorStatistics Now() { return allocator().statistics(); }
};

TEST_F(StatisticsTest, RequestedBytesNotSlots) {
  void* block = Allocate(17);
  EXPECT_EQ(Now().live_blocks, 1u);
  EXPECT_EQ(Now().live_bytes, 17u);
  Free(block, 17);
  EXPECT_EQ(Now().live_bytes, 0u);
  EXPECT_EQ(Now().allocated_bytes, 17u);
  EXPECT_EQ(Now().freed_bytes, 17u);
}

TEST_F(StatisticsTest, ThePeakOfSmallProgramsIsExact) {
  void* first = Allocate(100);
  void* second = Allocate(50);
  Free(first, 100);
  Free(second, 50);
  Free(Allocate(20), 20);
  EXPECT_EQ(Now().peak_bytes, 150u);
  EXPECT_EQ(Now().peak_blocks, 2u);
}

TEST_F(StatisticsTest, ThePeakIsKeptThroughShrinking) {
  void* block = Allocate(8 * kMebibyte);
  ASSERT_TRUE(allocator().Resize(block, 8 * kMebibyte, 8, kMebibyte));
  Free(block, kMebibyte);
  EXPECT_EQ(Now().peak_bytes, 8 * kMebibyte);
}

TEST_F(StatisticsTest, EveryPeakOfMany) {
  std::vector<void*> blocks;
  for (int round = 1; round <= 20; ++round) {
    for (int i = 0; i < round * 100; ++i) blocks.push_back(Allocate(64));
    for (void* block : blocks) Free(block, 64);
    uint64_t reached = uint64_t{64} * round * 100;
    EXPECT_LE(Now().peak_bytes, reached);
    EXPECT_GE(Now().peak_bytes, reached - reached / 256);
    blocks.clear();
  }
}

TEST_F(StatisticsTest, ResidentIsWhatWasTouched) {
  uint64_t before = allocator().resident_bytes();
  EXPECT_GT(before, 0u);
  void* block = Allocate(16 * kMebibyte);
  EXPECT_LT(allocator().resident_bytes(), before + kMebibyte)
      << "nobody touched it";
  memset(block, 1, 16 * kMebibyte);
  EXPECT_GE(allocator().resident_bytes(), before + 16 * kMebibyte);
  EXPECT_GE(Now().span_bytes, 16 * kMebibyte);
  Free(block, 16 * kMebibyte);
  EXPECT_LT(allocator().resident_bytes(), before + kMebibyte);
}

TEST_F(StatisticsTest, RecordsOfFreedBlocksAreRetained) {
  Options options = BaseOptions();
  options.quarantine_size = 0;
  Make(options);
  EXPECT_EQ(Now().retained_bytes, 0u);
  for (int i = 0; i < 100'000; ++i) Free(Allocate(64), 64);
  EXPECT_GT(Now().retained_bytes, uint64_t{24} * 90'000);
  EXPECT_GE(Now().metadata_bytes, Now().retained_bytes);
  allocator().FlushRetainedMetadata();
  EXPECT_EQ(Now().retained_bytes, 0u);
}

TEST_F(StatisticsTest, EachSizeClass) {
  void* small = Allocate(30);
  void* large = Allocate(kMebibyte);
  Free(Allocate(20), 20);
  DebugAllocatorClassStatistics classes[4];
  ASSERT_EQ(allocator().GetClassStatistics(classes, 4), 2u);
  EXPECT_EQ(classes[0].capacity, 32u);
  EXPECT_EQ(classes[0].spans, 1u);
  EXPECT_EQ(classes[0].live_blocks, 1u);
  EXPECT_EQ(classes[0].live_bytes, 30u);
  EXPECT_EQ(classes[0].freed_blocks, 1u);
  EXPECT_EQ(classes[0].freed_bytes, 20u);
  EXPECT_EQ(classes[1].capacity, 0u);
  EXPECT_EQ(classes[1].live_bytes, kMebibyte);
  classes[1].capacity = 4711;
  EXPECT_EQ(allocator().GetClassStatistics(classes, 1), 2u);
  EXPECT_EQ(classes[1].capacity, 4711u) << "written beyond the capacity";
  Free(small, 30);
  Free(large, kMebibyte);
}

}  // namespace
}  // namespace dbgalloc::testing_support
