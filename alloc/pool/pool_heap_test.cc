#include "alloc/pool/pool_heap.h"

#include <cstring>
#include <vector>

#include "alloc/pool/pool_heap_test_support.h"
#include "gtest/gtest.h"

namespace dbgalloc::pool {
namespace {

TEST_F(PoolHeapTest, EachSizeGoesToItsTier) {
  struct Row {
    size_t size;
    size_t alignment;
    Tier tier;
  };
  for (Row row :
       {Row{1, 0, Tier::kSmall}, Row{kMiB, 0, Tier::kSmall},
        Row{kMiB + 1, 0, Tier::kMedium}, Row{512 * kMiB, 0, Tier::kMedium},
        Row{512 * kMiB + 1, 0, Tier::kLarge}, Row{kGiB, 0, Tier::kLarge},
        Row{kGiB + 1, 0, Tier::kHuge}, Row{100, 64 << 10, Tier::kSmall},
        Row{100, 128 << 10, Tier::kLarge}}) {
    TierStatistics before = TierOf(row.tier);
    void* block = Allocate(row.size, row.alignment);
    ASSERT_NE(block, nullptr) << row.size;
    EXPECT_EQ(TierOf(row.tier).live_blocks, before.live_blocks + 1) << row.size;
    EXPECT_GE(TierOf(row.tier).live_bytes, row.size);
    memset(block, 1, 1);
    static_cast<char*>(block)[row.size - 1] = 1;
    Free(block);
    EXPECT_EQ(TierOf(row.tier).live_blocks, before.live_blocks);
    EXPECT_EQ(TierOf(row.tier).frees, before.frees + 1);
  }
  EXPECT_TRUE(sink_.records.empty());
}

TEST_F(PoolHeapTest, CountersCountEachOperation) {
  std::vector<void*> blocks;
  for (int i = 0; i < 5000; ++i) blocks.push_back(Allocate(40));
  for (int i = 0; i < 2000; ++i) {
    Free(blocks.back());
    blocks.pop_back();
  }
  TierStatistics small = TierOf(Tier::kSmall);
  EXPECT_EQ(small.allocations, 5000u);
  EXPECT_EQ(small.frees, 2000u);
  EXPECT_EQ(small.live_blocks, 3000u);
  EXPECT_EQ(small.live_bytes, 3000u * 48);
  for (void* block : blocks) Free(block);
  EXPECT_EQ(TierOf(Tier::kSmall).live_blocks, 0u);
}

TEST_F(PoolHeapTest, AlignmentsAtEveryTier) {
  for (size_t alignment = 1; alignment <= kMiB; alignment *= 2) {
    for (size_t size : {size_t{1}, size_t{100}, size_t{5000}, 70000 + alignment,
                        kMiB - 1, 3 * kMiB}) {
      std::vector<void*> blocks;
      for (int i = 0; i < 3; ++i) {
        void* block = Allocate(size, alignment, Maker::kMemalign);
        ASSERT_NE(block, nullptr);
        EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % alignment, 0u);
        blocks.push_back(block);
      }
      for (void* block : blocks) Free(block);
    }
  }
  EXPECT_TRUE(sink_.records.empty());
}

TEST_F(PoolHeapTest, ReallocKeepsContents) {
  PoolRequest request;
  request.maker = Maker::kMalloc;
  PoolClaim claim;
  claim.maker = Maker::kMalloc;
  claim.operation = Operation::kRemap;
  size_t size = 1;
  char* block = static_cast<char*>(Allocate(size));
  block[0] = 'a';
  for (size_t next :
       {size_t{17}, size_t{1000}, size_t{100000}, kMiB + 5, 3 * kMiB, 9 * kMiB,
        2 * kMiB, 40 * kMiB, 600 * kMiB, 700 * kMiB, 513 * kMiB, 8 * kMiB,
        size_t{3000}, size_t{20}}) {
    block[size - 1] = 'z';
    request.size = next;
    char* moved = static_cast<char*>(
        pool_->Reallocate(*cache_, block, request, claim, {}));
    ASSERT_NE(moved, nullptr) << next;
    EXPECT_EQ(moved[0], size == 1 ? 'z' : 'a');
    moved[0] = 'a';
    if (next > size && size > 1) {
      EXPECT_EQ(moved[size - 1], 'z') << next;
    }
    moved[next - 1] = 'e';
    block = moved;
    size = next;
  }
  Free(block);
  EXPECT_TRUE(sink_.records.empty());
}

TEST_F(PoolHeapTest, ZeroedMemoryIsZeroAlsoWhenItWasUsed) {
  for (size_t size : {size_t{40}, size_t{4000}, kMiB, 3 * kMiB, 600 * kMiB}) {
    for (int turn = 0; turn < 2; ++turn) {
      PoolRequest request;
      request.size = size;
      request.maker = Maker::kMalloc;
      request.zeroed = true;
      char* block = static_cast<char*>(pool_->Allocate(*cache_, request, {}));
      EXPECT_EQ(block[0], 0);
      EXPECT_EQ(block[size / 2], 0);
      EXPECT_EQ(block[size - 1], 0);
      block[0] = block[size / 2] = block[size - 1] = 1;
      Free(block);
    }
  }
}

TEST_F(PoolHeapTest, AWalkShowsEachLiveBlockOnce) {
  std::vector<void*> blocks = {Allocate(1), Allocate(900), Allocate(2 * kMiB),
                               Allocate(600 * kMiB)};
  Free(Allocate(77));
  std::vector<LiveBlock> seen;
  pool_->ForEachBlock(
      [](void* context, const LiveBlock& block) {
        static_cast<std::vector<LiveBlock>*>(context)->push_back(block);
      },
      &seen);
  ASSERT_EQ(seen.size(), blocks.size());
  for (size_t i = 0; i < seen.size(); ++i) {
    EXPECT_EQ(reinterpret_cast<void*>(seen[i].begin), blocks[i]);
    EXPECT_EQ(seen[i].tier, static_cast<Tier>(i == 0 ? 0 : i - 1));
    Free(blocks[i]);
  }
}

TEST_F(PoolHeapTest, AnEndedThreadsCacheGoesToTheNextOne) {
  ThreadCache* other = pool_->TakeCache(2);
  PoolRequest request;
  request.size = 64;
  void* block = pool_->Allocate(*other, request, {});
  pool_->Free(*other, block, {}, {});
  pool_->LeaveCache(*other);
  EXPECT_EQ(pool_->FindCache(2), nullptr);
  ThreadCache* next = pool_->TakeCache(3);
  EXPECT_EQ(next, other);
  EXPECT_EQ(pool_->Allocate(*next, request, {}), block);
}

}  // namespace
}  // namespace dbgalloc::pool
