#include "alloc/leak/block_index.h"

#include <cstdint>
#include <vector>

#include "alloc/leak/scan_memory.h"
#include "alloc/leak/test_heap.h"
#include "gtest/gtest.h"

namespace dbgalloc::leak {
namespace {

using heap::BlockRef;

class BlockIndexTest : public testing::Test {
 protected:
  void Build() { ASSERT_TRUE(index_.Build(&memory_.heap(), &scratch_)); }
  bool Finds(const BlockRef& block, uintptr_t word) const {
    const BlockPlace place = index_.FindUnseen(word);
    return place && place.ref().record == block.record;
  }

  TestHeap memory_;
  ScanMemory scratch_;
  BlockIndex index_;
};

TEST_F(BlockIndexTest, FindsABlockByEveryAddressFromItsFirstToBehindItsLast) {
  std::vector<BlockRef> blocks;
  const std::vector<size_t> sizes = {0, 1, 16, 24, 100, 1000, 5000, 300'000};
  for (int i = 0; i < 50; ++i) {
    for (size_t size : sizes) blocks.push_back(memory_.Make(size));
  }
  Build();
  EXPECT_EQ(index_.live_blocks(), blocks.size());
  for (const BlockRef& block : blocks) {
    const uintptr_t begin = memory_.Address(block);
    const uintptr_t size = memory_.heap().SizeOf(block);
    EXPECT_TRUE(Finds(block, begin));
    EXPECT_TRUE(Finds(block, begin + size / 2));
    EXPECT_TRUE(Finds(block, begin + size));
    EXPECT_FALSE(index_.FindUnseen(begin - 1));
    EXPECT_FALSE(index_.FindUnseen(begin + size + 1));
  }
}

TEST_F(BlockIndexTest, KnowsNoFreedBlocks) {
  const BlockRef block = memory_.Make(64);
  const BlockRef other = memory_.Make(64);
  memory_.Free(block);
  Build();
  EXPECT_FALSE(index_.FindUnseen(memory_.Address(block)));
  EXPECT_TRUE(Finds(other, memory_.Address(other)));
  EXPECT_EQ(index_.live_blocks(), 1u);
}

TEST_F(BlockIndexTest, AnySixtyFourBitsAreASafeQuestion) {
  memory_.Make(64);
  Build();
  for (unsigned bit = 0; bit < 64; ++bit) {
    EXPECT_FALSE(index_.FindUnseen(uintptr_t{1} << bit)) << bit;
    EXPECT_FALSE(index_.FindUnseen(~(uintptr_t{1} << bit))) << bit;
  }
  EXPECT_FALSE(index_.FindUnseen(0));
}

TEST_F(BlockIndexTest, DividesBlocksIntoSeenAndUnseen) {
  std::vector<BlockRef> blocks;
  for (int i = 0; i < 200; ++i) blocks.push_back(memory_.Make(48));
  Build();
  for (size_t i = 0; i < blocks.size(); i += 3) {
    BlockIndex::SetSeen(index_.FindUnseen(memory_.Address(blocks[i])));
    EXPECT_FALSE(index_.FindUnseen(memory_.Address(blocks[i])));
  }
  size_t seen = 0;
  size_t unseen = 0;
  index_.ForEachSeen([&](BlockPlace) { ++seen; });
  index_.ForEachUnseen([&](BlockPlace) { ++unseen; });
  EXPECT_EQ(seen, 67u);
  EXPECT_EQ(unseen, 133u);
}

TEST_F(BlockIndexTest, NotesForeignMemoryAroundTheHeap) {
  const BlockRef block = memory_.Make(64);
  Build();
  const uintptr_t unit = index_.unit();
  const uintptr_t foreign = uintptr_t{0x10} << 32;
  ASSERT_TRUE(index_.NoteForeign(foreign, foreign + 3 * unit));
  ASSERT_TRUE(
      index_.NoteForeign(memory_.Address(block), memory_.Address(block) + 1));
  EXPECT_TRUE(index_.IsNearForeign(foreign + unit));
  EXPECT_FALSE(index_.IsNearForeign(foreign + 3 * unit));
  EXPECT_FALSE(index_.IsNearForeign(memory_.Address(block)))
      << "what is the heap's stays the heap's";
  index_.ForgetForeign(foreign + 1, foreign + 3 * unit);
  EXPECT_TRUE(index_.IsNearForeign(foreign)) << "other memory may lie there";
  EXPECT_FALSE(index_.IsNearForeign(foreign + unit));
  EXPECT_TRUE(index_.IsHeap(memory_.Address(block)));
  EXPECT_FALSE(index_.IsHeap(foreign));
}

}  // namespace
}  // namespace dbgalloc::leak
