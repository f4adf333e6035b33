#include "alloc/pool/pool_heap.h"

#include <cstring>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace dbgalloc::pool {
namespace {

class RecordingSink final : public ErrorSink {
 public:
  void OnError(const ErrorRecord& record) override {
    records.push_back(record);
  }
  void OnLeaks(const LeakReport&) override {}
  std::vector<ErrorRecord> records;
};

class PoolHeapTest : public testing::Test {
 protected:
  void SetUp() override {
    PoolHost host;
    host.sink = &sink_;
    pool_ = PoolHeap::Create(Options(), host);
    ASSERT_NE(pool_, nullptr);
    cache_ = pool_->TakeCache(1);
    ASSERT_NE(cache_, nullptr);
  }
  void TearDown() override { PoolHeap::Destroy(pool_); }

  void* Allocate(size_t size, size_t alignment = 0,
                 Maker maker = Maker::kMalloc) {
    PoolRequest request;
    request.size = size;
    request.alignment = alignment;
    request.maker = maker;
    return pool_->Allocate(*cache_, request, {});
  }
  void Free(void* block, Maker maker = Maker::kMalloc) {
    PoolClaim claim;
    claim.maker = maker;
    pool_->Free(*cache_, block, claim, {});
  }
  void FreeSized(void* block, size_t size, Maker maker) {
    PoolClaim claim;
    claim.maker = maker;
    claim.size_stated = true;
    claim.size = size;
    pool_->Free(*cache_, block, claim, {});
  }
  void ExpectError(ErrorKind kind) {
    ASSERT_EQ(sink_.records.size(), 1u);
    EXPECT_EQ(sink_.records[0].kind, kind);
    sink_.records.clear();
  }
  TierStatistics TierOf(Tier tier) {
    return pool_->GetStatistics().tiers[static_cast<size_t>(tier)];
  }

  RecordingSink sink_;
  PoolHeap* pool_ = nullptr;
  ThreadCache* cache_ = nullptr;
};

constexpr size_t kMiB = size_t{1} << 20;
constexpr size_t kGiB = size_t{1} << 30;

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

TEST_F(PoolHeapTest, DoubleFreeStopsAtThatFree) {
  for (size_t size : {size_t{16}, size_t{5000}, kMiB, 2 * kMiB, 600 * kMiB}) {
    void* block = Allocate(size);
    Free(block);
    ASSERT_TRUE(sink_.records.empty());
    Free(block);
    ExpectError(ErrorKind::kDoubleFree);
  }
}

TEST_F(PoolHeapTest, DoubleFreeIsSeenWhereverTheBlockLies) {
  // In the cache, in the spare, in the shared list, in its span.
  std::vector<void*> blocks;
  for (int i = 0; i < 20000; ++i) blocks.push_back(Allocate(64));
  for (void* block : blocks) Free(block);
  ASSERT_TRUE(sink_.records.empty());
  for (void* block : blocks) Free(block);
  EXPECT_EQ(sink_.records.size(), blocks.size());
  for (const ErrorRecord& record : sink_.records) {
    // The memory of a whole span may have gone back already.
    EXPECT_TRUE(record.kind == ErrorKind::kDoubleFree ||
                record.kind == ErrorKind::kInvalidFree);
  }
  sink_.records.clear();
}

TEST_F(PoolHeapTest, PointersThatAreNoBlocks) {
  int on_stack = 0;
  Free(&on_stack);
  ExpectError(ErrorKind::kInvalidFree);
  Free(reinterpret_cast<void*>(~uintptr_t{0} - 8));
  ExpectError(ErrorKind::kInvalidFree);
  char* block = static_cast<char*>(Allocate(100));
  Free(block + 16);
  ExpectError(ErrorKind::kInteriorFree);
  Free(block + 3);
  ExpectError(ErrorKind::kInteriorFree);
  Free(block);
  char* medium = static_cast<char*>(Allocate(5 * kMiB));
  Free(medium + kMiB);
  ExpectError(ErrorKind::kInteriorFree);
  Free(medium + 24);
  ExpectError(ErrorKind::kInteriorFree);
  Free(medium);
  char* large = static_cast<char*>(Allocate(600 * kMiB));
  Free(large + 4096);
  ExpectError(ErrorKind::kInteriorFree);
  Free(large);
  EXPECT_TRUE(sink_.records.empty());
}

TEST_F(PoolHeapTest, FamiliesAndSizesThatDoNotFit) {
  Free(Allocate(40, 0, Maker::kNew), Maker::kMalloc);
  ExpectError(ErrorKind::kFamilyMismatch);
  Free(Allocate(40, 0, Maker::kMalloc), Maker::kNewArray);
  ExpectError(ErrorKind::kFamilyMismatch);
  Free(Allocate(40, 64, Maker::kAlignedNew), Maker::kNew);
  ExpectError(ErrorKind::kAlignmentMismatch);
  FreeSized(Allocate(40, 0, Maker::kNew), 16, Maker::kNew);
  ExpectError(ErrorKind::kSizeMismatch);
  FreeSized(Allocate(4, 0, Maker::kNew), 8, Maker::kNew);
  ExpectError(ErrorKind::kSizeMismatch);
  FreeSized(Allocate(3 * kMiB, 0, Maker::kNew), 2 * kMiB, Maker::kNew);
  ExpectError(ErrorKind::kSizeMismatch);
  FreeSized(Allocate(40, 0, Maker::kNew), 40, Maker::kNew);
  Free(Allocate(40, 64, Maker::kMemalign), Maker::kMalloc);
  EXPECT_TRUE(sink_.records.empty());
}

TEST_F(PoolHeapTest, WritesToFreeBlocksStopTheNextAllocation) {
  void* block = Allocate(64);
  Free(block);
  memset(block, 0x41, 64);
  Allocate(64);
  ExpectError(ErrorKind::kMetadataCorruption);
}

TEST_F(PoolHeapTest, WritesToFreeBlocksAreFoundWhereverTheyLie) {
  std::vector<void*> blocks;
  for (int i = 0; i < 2000; ++i) blocks.push_back(Allocate(64));
  for (void* block : blocks) Free(block);
  for (void* block : blocks) memset(block, 0x41, 8);
  ThreadCache* other = pool_->TakeCache(2);
  PoolRequest request;
  request.size = 64;
  for (int i = 0; i < 200; ++i) {
    EXPECT_NE(pool_->Allocate(*other, request, {}), nullptr);
  }
  ASSERT_FALSE(sink_.records.empty());
  EXPECT_EQ(sink_.records[0].kind, ErrorKind::kMetadataCorruption);
  sink_.records.clear();
}

// What two threads do that free one block at the same moment, step by step:
// both have seen that it is live.
TEST_F(PoolHeapTest, TwoSimultaneousFreesAreFoundBeforeReuse) {
  ThreadCache* other = pool_->TakeCache(2);
  uintptr_t block = reinterpret_cast<uintptr_t>(Allocate(64));
  SizeClass size_class = ClassOf(64);
  pool_->small().Spill(*cache_, size_class);
  pool_->small().Spill(*other, size_class);
  cache_->Push(block, StateOf(block), size_class);
  other->Push(block, StateOf(block), size_class);
  // One of the two may hand it out; the other finds it.
  PoolRequest request;
  request.size = 64;
  void* first = pool_->Allocate(*cache_, request, {});
  ASSERT_EQ(sink_.records.size(), 1u);
  EXPECT_EQ(sink_.records[0].kind, ErrorKind::kDoubleFree);
  EXPECT_NE(first, reinterpret_cast<void*>(block));
  sink_.records.clear();
  EXPECT_EQ(pool_->Allocate(*other, request, {}),
            reinterpret_cast<void*>(block));
}

TEST_F(PoolHeapTest, TwoSimultaneousFreesAreFoundAtASplice) {
  ThreadCache* other = pool_->TakeCache(2);
  uintptr_t block = reinterpret_cast<uintptr_t>(Allocate(64));
  SizeClass size_class = ClassOf(64);
  pool_->small().Spill(*other, size_class);
  cache_->Push(block, StateOf(block), size_class);
  other->Push(block, StateOf(block), size_class);
  EXPECT_EQ(pool_->small().Flush(*other).flaw, Flaw::kNone);
  EXPECT_EQ(pool_->small().Flush(*cache_).flaw, Flaw::kNotFree);
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

TEST_F(PoolHeapTest, ChecksOffReportNothingAndDoNoHarm) {
  Options options;
  options.pool_checks = 0;
  PoolHost host;
  host.sink = &sink_;
  PoolHeap* quiet = PoolHeap::Create(options, host);
  ThreadCache* cache = quiet->TakeCache(1);
  PoolRequest request;
  request.size = 64;
  void* block = quiet->Allocate(*cache, request, {});
  quiet->Free(*cache, block, {}, {});
  quiet->Free(*cache, block, {}, {});
  int local = 0;
  quiet->Free(*cache, &local, {}, {});
  void* first = quiet->Allocate(*cache, request, {});
  void* second = quiet->Allocate(*cache, request, {});
  EXPECT_NE(first, second);
  EXPECT_TRUE(sink_.records.empty());
  PoolHeap::Destroy(quiet);
}

}  // namespace
}  // namespace dbgalloc::pool
