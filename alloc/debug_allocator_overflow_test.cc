// Writes beside a block: every distance, either side, wherever they come to
// light.
#include <algorithm>
#include <cstring>
#include <vector>

#include "alloc/debug_allocator_test_support.h"
#include "gtest/gtest.h"

namespace dbgalloc::testing_support {
namespace {

constexpr size_t kRedzone = 16;

class OverflowTest : public DebugAllocatorTest {
 protected:
  // Three neighbours; the middle one is where things go wrong.
  void AllocateThree(size_t size, size_t alignment = 8) {
    for (unsigned char*& block : blocks_) {
      block = Bytes(Allocate(size, alignment));
      ASSERT_NE(block, nullptr);
    }
    ASSERT_LT(blocks_[0], blocks_[1]);
    ASSERT_LT(blocks_[1], blocks_[2]);
  }
  void FreeThree(size_t size, size_t alignment = 8) {
    for (unsigned char* block : blocks_) Free(block, size, alignment);
  }

  void ExpectDamage(ErrorKind kind, const unsigned char* block,
                    const unsigned char* begin, size_t size) {
    ErrorRecord error = sink_.TakeOnly();
    EXPECT_EQ(error.kind, kind);
    EXPECT_EQ(error.block.begin, AddressOf(block));
    EXPECT_TRUE(error.block.known);
    EXPECT_EQ(error.damage.begin, AddressOf(begin));
    EXPECT_EQ(error.damage.size, size);
    EXPECT_EQ(error.damage.shown, std::min<size_t>(size, kMaxDamage));
    EXPECT_NE(error.block.allocated.stack, 0u);
  }

  unsigned char* blocks_[3] = {};
};

TEST_F(OverflowTest, OneByteAtEveryDistanceBehindIsFoundAtFree) {
  for (size_t size = 1; size <= 130; ++size) {
    for (size_t distance = 0;; ++distance) {
      AllocateThree(size);
      size_t gap = static_cast<size_t>(blocks_[2] - blocks_[1]) - size;
      // Nearer to the next block it would be that one's underflow.
      if (distance > gap - distance - 1) break;
      unsigned char* place = blocks_[1] + size + distance;
      unsigned char expected = *place;
      *place ^= 0x40;
      Free(blocks_[1], size);
      ASSERT_EQ(sink_.errors().size(), 1u) << size << '+' << distance;
      EXPECT_EQ(sink_.errors()[0].damage.found[0], expected ^ 0x40);
      EXPECT_EQ(sink_.errors()[0].damage.expected[0], expected);
      ExpectDamage(ErrorKind::kHeapBufferOverflow, blocks_[1], place, 1);
      Free(blocks_[0], size);
      Free(blocks_[2], size);
      if (HasFailure()) return;
    }
    FreeThree(size);
  }
}

TEST_F(OverflowTest, OneByteAtEveryDistanceBeforeIsFoundAtFree) {
  for (size_t size : {1, 16, 24, 100, 300, 5000}) {
    for (size_t distance = 1; distance <= kRedzone; ++distance) {
      AllocateThree(size);
      // In a full slot the redzone lies between two blocks; whose byte it is
      // depends on the distance.
      blocks_[1][-static_cast<long>(distance)] ^= 1;
      Free(blocks_[1], size);
      ErrorRecord error = sink_.TakeOnly();
      size_t gap = AddressOf(blocks_[1]) - AddressOf(blocks_[0]) - size;
      bool is_underflow = distance - 1 < gap - distance;
      EXPECT_EQ(error.kind, is_underflow ? ErrorKind::kHeapBufferUnderflow
                                         : ErrorKind::kHeapBufferOverflow)
          << size << '-' << distance;
      EXPECT_EQ(error.block.begin,
                AddressOf(is_underflow ? blocks_[1] : blocks_[0]));
      Free(blocks_[0], size);
      Free(blocks_[2], size);
      if (HasFailure()) return;
    }
  }
}

TEST_F(OverflowTest, FirstBlockOfASpanHasARedzoneBefore) {
  unsigned char* first = Bytes(Allocate(24));
  first[-1] ^= 1;
  Free(first, 24);
  ExpectDamage(ErrorKind::kHeapBufferUnderflow, first, first - 1, 1);
}

TEST_F(OverflowTest, PaddingOfAlignedBlocksIsRedzone) {
  for (size_t alignment : {64, 256, 1024}) {
    AllocateThree(40, alignment);
    size_t gap = static_cast<size_t>(blocks_[1] - blocks_[0]) - 40;
    for (size_t distance : {size_t{1}, size_t{17}, gap / 2, gap}) {
      blocks_[1][-static_cast<long>(distance)] ^= 1;
      EXPECT_EQ(allocator().CheckHeap(), 1u) << alignment << '-' << distance;
      sink_.Clear();
    }
    FreeThree(40, alignment);
  }
}

TEST_F(OverflowTest, LargeBlocksHaveRedzonesOnBothSides) {
  for (size_t size : {40'000, 100'001, 1'000'000}) {
    unsigned char* block = Bytes(Allocate(size));
    block[size] ^= 1;
    block[-1] ^= 1;
    Free(block, size);
    EXPECT_EQ(sink_.kinds(),
              (std::vector<ErrorKind>{ErrorKind::kHeapBufferOverflow,
                                      ErrorKind::kHeapBufferUnderflow}));
    EXPECT_EQ(sink_.errors()[0].damage.begin, AddressOf(block) + size);
    EXPECT_EQ(sink_.errors()[1].damage.begin, AddressOf(block) - 1);
    sink_.Clear();
  }
}

TEST_F(OverflowTest, LongDamageIsReportedFromEndToEnd) {
  AllocateThree(100);
  memset(blocks_[1] + 100, 0, 12 + kRedzone);
  Free(blocks_[1], 100);
  ExpectDamage(ErrorKind::kHeapBufferOverflow, blocks_[1], blocks_[1] + 100,
               12 + kRedzone);
  Free(blocks_[0], 100);
  Free(blocks_[2], 100);
}

TEST_F(OverflowTest, IsFoundByCheckHeapOnceAndWithoutAFree) {
  AllocateThree(24);
  blocks_[1][24] ^= 1;
  EXPECT_EQ(allocator().CheckHeap(), 1u);
  EXPECT_EQ(sink_.errors()[0].operation, Operation::kHeapCheck);
  ExpectDamage(ErrorKind::kHeapBufferOverflow, blocks_[1], blocks_[1] + 24, 1);
  EXPECT_EQ(allocator().CheckHeap(), 0u) << "reported once";
  FreeThree(24);
}

TEST_F(OverflowTest, IsFoundAtTheEndInBlocksNeverFreed) {
  for (size_t size : {24, 100'000}) {
    unsigned char* block = Bytes(Allocate(size));
    block[size] ^= 1;
    EXPECT_EQ(Finish(), Verdict::kLeak);
    ASSERT_EQ(sink_.leaks().size(), 1u);
    EXPECT_EQ(sink_.errors()[0].operation, Operation::kDestruction);
    ExpectDamage(ErrorKind::kHeapBufferOverflow, block, block + size, 1);
    sink_.Clear();
  }
}

TEST_F(OverflowTest, IsFoundAtResizeAndRemap) {
  for (size_t size : {20, 100'000}) {
    unsigned char* block = Bytes(Allocate(size));
    block[size] ^= 1;
    EXPECT_TRUE(allocator().Resize(block, size, 8, size + 1));
    ExpectDamage(ErrorKind::kHeapBufferOverflow, block, block + size, 1);
    block[size + 1] ^= 1;
    EXPECT_EQ(allocator().Remap(block, size + 1, 8, size + 2), block);
    ExpectDamage(ErrorKind::kHeapBufferOverflow, block, block + size + 1, 1);
    Free(block, size + 2);
  }
}

TEST_F(OverflowTest, RedzonesFollowTheSizeThroughResizes) {
  unsigned char* block = Bytes(Allocate(32));
  size_t size = 32;
  for (size_t next : {17, 20, 32, 18, 31}) {
    ASSERT_TRUE(allocator().Resize(block, size, 8, next));
    size = next;
    EXPECT_EQ(allocator().CheckHeap(), 0u) << size;
    block[size] ^= 1;
    EXPECT_EQ(allocator().CheckHeap(), 1u) << size;
    sink_.Clear();
  }
  Free(block, 31);
}

TEST_F(OverflowTest, BytesThatTouchTheLeftBlockAreItsOwn) {
  AllocateThree(32);
  blocks_[0][32] ^= 1;
  Free(blocks_[1], 32);
  ExpectDamage(ErrorKind::kHeapBufferOverflow, blocks_[0], blocks_[0] + 32, 1);
  Free(blocks_[0], 32);
  Free(blocks_[2], 32);
}

TEST_F(OverflowTest, FreedNeighbourIsStillBlamed) {
  AllocateThree(32);
  Free(blocks_[0], 32);
  blocks_[0][32] ^= 1;
  Free(blocks_[1], 32);
  ExpectDamage(ErrorKind::kHeapBufferOverflow, blocks_[0], blocks_[0] + 32, 1);
  Free(blocks_[2], 32);
}

TEST_F(OverflowTest, EveryRedzoneSizeReachesThatFar) {
  for (size_t redzone : {16, 32, 128, 1024}) {
    Options options = BaseOptions();
    options.redzone = redzone;
    Make(options);
    AllocateThree(32);
    blocks_[1][32 + redzone / 2 - 1] ^= 1;
    Free(blocks_[1], 32);
    ExpectDamage(ErrorKind::kHeapBufferOverflow, blocks_[1],
                 blocks_[1] + 32 + redzone / 2 - 1, 1);
    Free(blocks_[0], 32);
    Free(blocks_[2], 32);
  }
}

TEST_F(OverflowTest, WithoutRedzonesTheSlackIsStillWatched) {
  Options options = BaseOptions();
  options.redzone = 0;
  Make(options);
  AllocateThree(20);
  EXPECT_EQ(blocks_[1] - blocks_[0], 32);
  blocks_[1][20] ^= 1;
  Free(blocks_[1], 20);
  ExpectDamage(ErrorKind::kHeapBufferOverflow, blocks_[1], blocks_[1] + 20, 1);
  Free(blocks_[0], 20);
  Free(blocks_[2], 20);
}

TEST_F(OverflowTest, CanaryIsWhatWasAskedFor) {
  for (uint64_t canary : {uint64_t{0x0102030405060708}, uint64_t{42}}) {
    Options options = BaseOptions();
    options.canary = canary;
    Make(options);
    unsigned char* block = Bytes(Allocate(16));
    uint64_t behind;
    memcpy(&behind, block + 16, sizeof(behind));
    EXPECT_EQ(behind, canary);
    Free(block, 16);
  }
}

TEST_F(OverflowTest, CanaryZeroIsDrawnAtRandom) {
  Options options = BaseOptions();
  options.canary = 0;
  Make(options);
  unsigned char* block = Bytes(Allocate(16));
  uint64_t behind;
  memcpy(&behind, block + 16, sizeof(behind));
  EXPECT_NE(behind, 0u);
  EXPECT_NE(behind, uint64_t{Options().canary});
  memset(block + 16, 0, 8);
  Free(block, 16);
  ExpectDamage(ErrorKind::kHeapBufferOverflow, block, block + 16, 8);
}

TEST_F(OverflowTest, CheckHeapEveryFindsItSoon) {
  Options options = BaseOptions();
  options.check_heap_every = 10;
  Make(options);
  unsigned char* block = Bytes(Allocate(24));
  block[24] ^= 1;
  for (int i = 0; i < 6; ++i) Free(Allocate(100), 100);
  ExpectDamage(ErrorKind::kHeapBufferOverflow, block, block + 24, 1);
  Free(block, 24);
}

}  // namespace
}  // namespace dbgalloc::testing_support
