// What a debug allocator must do with correct programs: every case that Zig's
// own tests of theirs look at, with alignments really changed.
#include <algorithm>
#include <cstring>
#include <numeric>
#include <vector>

#include "alloc/debug_allocator_test_support.h"
#include "dbgalloc/page_allocator.h"
#include "gtest/gtest.h"

namespace dbgalloc::testing_support {
namespace {

constexpr size_t kPage = 4096;
// Above it blocks have spans of their own.
constexpr size_t kMaxSmall = (size_t{128} << 10) / 4;

class DebugAllocatorParityTest : public DebugAllocatorTest {
 protected:
  ~DebugAllocatorParityTest() override { EXPECT_EQ(Finish(), Verdict::kOk); }

  std::vector<void*> AllocateMany(int count) {
    std::vector<void*> blocks;
    for (int i = 0; i < count; ++i) blocks.push_back(Allocate(8));
    return blocks;
  }

  // Marks the two ends of a block.
  static void Mark(void* block, size_t size) {
    Bytes(block)[0] = 0x12;
    Bytes(block)[size - 1] = 0x34;
  }
};

TEST_F(DebugAllocatorParityTest, ManySmallBlocksFreedOldestFirst) {
  for (void* block : AllocateMany(513)) Free(block, 8);
}

TEST_F(DebugAllocatorParityTest, ManySmallBlocksFreedNewestFirst) {
  std::vector<void*> blocks = AllocateMany(513);
  std::reverse(blocks.begin(), blocks.end());
  for (void* block : blocks) Free(block, 8);
}

TEST_F(DebugAllocatorParityTest, LargeBlocksInterleaved) {
  void* first = Allocate(42'768);
  void* second = Allocate(52'768);
  Free(first, 42'768);
  void* third = Allocate(62'768);
  Free(third, 62'768);
  Free(second, 52'768);
}

TEST_F(DebugAllocatorParityTest, ImpossibleSizesAreRefusedAndLeaveItUsable) {
  EXPECT_EQ(Allocate(SIZE_MAX), nullptr);
  EXPECT_EQ(Allocate(SIZE_MAX / 2), nullptr);
  EXPECT_EQ(Allocate(SIZE_MAX - 4096, 4096), nullptr);
  EXPECT_EQ(Allocate(8, SIZE_MAX / 2 + 1), nullptr);
  Free(Allocate(8), 8);
}

TEST_F(DebugAllocatorParityTest, GrowsInItsClassInPlaceAndMovesBeyond) {
  unsigned char* block = Bytes(Allocate(1, 4));
  block[0] = 0x12;
  unsigned char* same = Bytes(Reallocate(block, 1, 4, 2, 4));
  EXPECT_EQ(same, block);
  EXPECT_EQ(same[0], 0x12);
  same[1] = 0x34;
  unsigned char* moved = Bytes(Reallocate(same, 2, 4, 17, 4));
  EXPECT_NE(moved, same);
  EXPECT_EQ(moved[0], 0x12);
  EXPECT_EQ(moved[1], 0x34);
  Free(moved, 17, 4);
}

TEST_F(DebugAllocatorParityTest, ShrinksInPlaceWithinItsClassOnly) {
  for (size_t alignment : {1, 2, 8, 16}) {
    void* block = Allocate(20, alignment);
    memset(block, 0x11, 20);
    ASSERT_TRUE(allocator().Resize(block, 20, alignment, 17)) << alignment;
    for (int i = 0; i < 17; ++i) ASSERT_EQ(Bytes(block)[i], 0x11);
    EXPECT_FALSE(allocator().Resize(block, 17, alignment, 16)) << alignment;
    for (int i = 0; i < 17; ++i) ASSERT_EQ(Bytes(block)[i], 0x11);
    Free(block, 17, alignment);
  }
}

TEST_F(DebugAllocatorParityTest, LargeBlockGrowsInItsLastPageInPlace) {
  size_t size = 20 * kPage - 100;
  void* block = Allocate(size, 1);
  Mark(block, size);
  EXPECT_EQ(Reallocate(block, size, 1, size + 20, 1), block);
  EXPECT_EQ(Reallocate(block, size + 20, 1, size + 40, 1), block);
  void* grown = Reallocate(block, size + 40, 1, 40 * kPage, 1);
  ASSERT_NE(grown, nullptr);
  EXPECT_EQ(Bytes(grown)[0], 0x12);
  EXPECT_EQ(Bytes(grown)[size - 1], 0x34);
  Free(grown, 40 * kPage, 1);
}

TEST_F(DebugAllocatorParityTest, SmallBlockBecomesLarge) {
  void* block = Allocate(70);
  Mark(block, 70);
  void* large = Reallocate(block, 70, kMaxSmall + 50);
  EXPECT_EQ(Bytes(large)[0], 0x12);
  EXPECT_EQ(Bytes(large)[69], 0x34);
  Free(large, kMaxSmall + 50);
}

TEST_F(DebugAllocatorParityTest, LargeBlockShrinksAndKeepsItsContents) {
  size_t size = 40 * kPage + 50;
  void* block = Allocate(size);
  Mark(block, size);
  Bytes(block)[60] = 0x56;
  ASSERT_TRUE(allocator().Resize(block, size, 8, size - 1));
  ASSERT_TRUE(allocator().Resize(block, size - 1, 8, size - 1));
  block = Reallocate(block, size - 1, 20 * kPage);
  EXPECT_EQ(Bytes(block)[0], 0x12);
  EXPECT_EQ(Bytes(block)[60], 0x56);
  Free(block, 20 * kPage);
}

TEST_F(DebugAllocatorParityTest, LargeBlockShrinksToALargerAlignment) {
  size_t size = 40 * kPage + 50;
  for (size_t alignment = 16; alignment <= 1 << 20; alignment *= 2) {
    void* block = Allocate(size);
    Mark(block, size);
    Bytes(block)[60] = 0x56;
    void* aligned = Reallocate(block, size, 8, size / 2, alignment);
    ASSERT_EQ(AddressOf(aligned) % alignment, 0u);
    EXPECT_EQ(Bytes(aligned)[0], 0x12);
    EXPECT_EQ(Bytes(aligned)[60], 0x56);
    Free(aligned, size / 2, alignment);
  }
}

TEST_F(DebugAllocatorParityTest, LargeBlockMovesToALargerAlignmentAndGrows) {
  size_t size = 2 * kMaxSmall;
  for (size_t alignment = 32; alignment <= 1 << 20; alignment *= 4) {
    void* block = Allocate(size);
    Mark(block, size);
    void* aligned = Reallocate(block, size, 8, size, alignment);
    ASSERT_EQ(AddressOf(aligned) % alignment, 0u);
    EXPECT_EQ(Bytes(aligned)[size - 1], 0x34);
    void* grown =
        Reallocate(aligned, size, alignment, size + 2 * kPage, alignment);
    ASSERT_EQ(AddressOf(grown) % alignment, 0u);
    EXPECT_EQ(Bytes(grown)[0], 0x12);
    EXPECT_EQ(Bytes(grown)[size - 1], 0x34);
    Free(grown, size + 2 * kPage, alignment);
  }
}

TEST_F(DebugAllocatorParityTest, LargeBlockBecomesSmall) {
  size_t size = kMaxSmall + 50;
  void* block = Allocate(size);
  Bytes(block)[0] = 0x12;
  Bytes(block)[16] = 0x34;
  void* small = Reallocate(block, size, 19);
  EXPECT_EQ(Bytes(small)[0], 0x12);
  EXPECT_EQ(Bytes(small)[16], 0x34);
  Free(small, 19);
}

TEST_F(DebugAllocatorParityTest, LargeBlockRefusesToBecomeSmallInPlace) {
  size_t size = 2 * kMaxSmall;
  void* block = Allocate(size);
  Mark(block, size);
  EXPECT_FALSE(allocator().Resize(block, size, 8, 4));
  EXPECT_FALSE(allocator().Resize(block, size, 8, kMaxSmall));
  EXPECT_EQ(allocator().Remap(block, size, 8, 4), nullptr);
  EXPECT_EQ(Bytes(block)[0], 0x12);
  EXPECT_EQ(Bytes(block)[size - 1], 0x34);
  Free(block, size);
}

TEST_F(DebugAllocatorParityTest, BlockThatIsLargeByAlignmentStillResizes) {
  void* block = Allocate(100, 1 << 16);
  ASSERT_EQ(AddressOf(block) % (1 << 16), 0u);
  Mark(block, 100);
  EXPECT_TRUE(allocator().Resize(block, 100, 1 << 16, 200));
  EXPECT_TRUE(allocator().Resize(block, 200, 1 << 16, 50));
  EXPECT_EQ(Bytes(block)[0], 0x12);
  Free(block, 50, 1 << 16);
}

TEST_F(DebugAllocatorParityTest, SizesAroundPowersOfTwoLiveTogether) {
  void* first = Allocate(1025);
  void* second = Allocate(3000);
  memset(first, 1, 1025);
  memset(second, 2, 3000);
  EXPECT_EQ(Bytes(first)[1024], 1);
  Free(first, 1025);
  Free(second, 3000);
}

TEST_F(DebugAllocatorParityTest, WorksWithRetainedRecordsAndNothingUnmapped) {
  Options options;
  options.retain_metadata = true;
  options.never_unmap = true;
  Make(options);
  for (size_t size : {8, 100'000}) {
    Free(Allocate(size), size);
    Free(Allocate(size), size);
  }
}

// --- The shared helpers of Zig's heap tests ---------------------------------

TEST_F(DebugAllocatorParityTest, ManyPointersAndTheirObjects) {
  auto** pointers = static_cast<size_t**>(Allocate(100 * sizeof(size_t*)));
  for (size_t i = 0; i < 100; ++i) {
    pointers[i] = static_cast<size_t*>(Allocate(sizeof(size_t)));
    *pointers[i] = i;
  }
  pointers = static_cast<size_t**>(
      Reallocate(pointers, 100 * sizeof(size_t*), 20'000 * sizeof(size_t*)));
  for (size_t i = 0; i < 100; ++i) {
    ASSERT_EQ(*pointers[i], i);
    Free(pointers[i], sizeof(size_t));
  }
  size_t size = 20'000 * sizeof(size_t*);
  for (size_t count : {50, 25, 1}) {
    size_t smaller = count * sizeof(size_t*);
    void* moved = Reallocate(pointers, size, smaller);
    pointers = static_cast<size_t**>(moved);
    size = smaller;
  }
  Free(pointers, size);
}

TEST_F(DebugAllocatorParityTest, EveryAlignmentIsKeptThroughSizes) {
  for (size_t alignment = 1; alignment <= 64; alignment *= 2) {
    void* block = Allocate(10, alignment);
    block = Reallocate(block, 10, alignment, 100, alignment);
    ASSERT_EQ(AddressOf(block) % alignment, 0u);
    block = Reallocate(block, 100, alignment, 10, alignment);
    ASSERT_EQ(AddressOf(block) % alignment, 0u);
    Free(block, 10, alignment);
  }
}

TEST_F(DebugAllocatorParityTest, HalfAPageOfAlignmentIsKeptThroughSizes) {
  constexpr size_t kAlignment = kPage / 2;
  void* block = Allocate(500, kAlignment);
  size_t size = 500;
  for (size_t next : {100, 5000, 10, 20'000}) {
    block = Reallocate(block, size, kAlignment, next, kAlignment);
    size = next;
    ASSERT_EQ(AddressOf(block) % kAlignment, 0u);
  }
  Free(block, size, kAlignment);
}

TEST_F(DebugAllocatorParityTest, ContentsSurviveHalvingAnAlignedBlock) {
  constexpr size_t kSize = 2 * kPage + 50;
  unsigned char* block = Bytes(Allocate(kSize, kPage));
  std::iota(block, block + kSize, 0);
  block = Bytes(Reallocate(block, kSize, kPage, kSize / 2, kPage));
  for (size_t i = 0; i < kSize / 2; ++i) {
    ASSERT_EQ(block[i], static_cast<unsigned char>(i));
  }
  Free(block, kSize / 2, kPage);
}

// A hundred elements of sixteen types become a hundred and ten in place where
// the class has room, and are not touched where it has not.
TEST_F(DebugAllocatorParityTest, ResizesByATenthWhereTheClassHasRoom) {
  int in_place = 0;
  for (size_t each :
       {1, 2, 3, 4, 6, 8, 10, 12, 16, 17, 24, 32, 48, 64, 80, 128}) {
    size_t size = 100 * each;
    size_t larger = 110 * each;
    void* block = Allocate(size);
    Mark(block, size);
    bool resized = allocator().Resize(block, size, 8, larger);
    in_place += resized ? 1 : 0;
    EXPECT_EQ(Bytes(block)[0], 0x12);
    EXPECT_EQ(Bytes(block)[size - 1], 0x34);
    if (resized) memset(block, 1, larger);
    Free(block, resized ? larger : size);
  }
  EXPECT_GE(in_place, 1);
  EXPECT_LE(in_place, 16);
}

TEST_F(DebugAllocatorParityTest, EmptyBlocksAreBlocks) {
  void* one = Allocate(0);
  void* other = Allocate(0);
  ASSERT_NE(one, nullptr);
  EXPECT_NE(one, other);
  EXPECT_TRUE(allocator().Resize(one, 0, 8, 16));
  EXPECT_TRUE(allocator().Resize(one, 16, 8, 0));
  Bytes(one)[0] = 1;
  EXPECT_EQ(allocator().CheckHeap(), 1u) << "not a byte is the caller's";
  sink_.Clear();
  Free(one, 0);
  Free(other, 0);
}

}  // namespace
}  // namespace dbgalloc::testing_support
