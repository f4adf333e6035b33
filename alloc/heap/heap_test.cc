#include "alloc/heap/heap.h"

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "alloc/heap/test_backing.h"
#include "gtest/gtest.h"

namespace dbgalloc::heap {
namespace {

class HeapTest : public testing::Test {
 protected:
  ~HeapTest() override {
    if (heap_ != nullptr) heap_->store().ReleaseAll();
  }

  void Start(HeapConfig config = HeapConfig()) {
    config.backing_zeroes = false;
    heap_ = std::make_unique<Heap>();
    heap_->Init(&backing_, &backing_, config, nullptr);
    lane_ = heap_->LaneOf(0);
    ASSERT_NE(lane_, nullptr);
  }

  // As the floor above does it.
  BlockRef Make(size_t size, size_t alignment = kGranule) {
    BlockRef block = heap_->Reserve(*lane_, size, alignment);
    if (!block) return block;
    block.record->SetHead(BlockHead(BlockState::kLive, Origin::kAllocator,
                                    Log2Floor(alignment), size));
    return block;
  }
  void Drop(const BlockRef& block) {
    block.record->SetState(BlockState::kFreed);
    heap_->Recede(*lane_, block);
  }

  TestBacking backing_;
  std::unique_ptr<Heap> heap_;
  Lane* lane_ = nullptr;
};

TEST_F(HeapTest, BlocksAreAlignedApartAndFoundByEveryByte) {
  Start();
  std::mt19937 random(1);
  std::map<uintptr_t, uintptr_t> live;  // begin of the redzone, user's end
  for (int i = 0; i < 3000; ++i) {
    size_t size = random() % 3000;
    size_t alignment = size_t{16} << random() % 6;
    if (i % 200 == 0) size = 100'000;
    BlockRef block = Make(size, alignment);
    ASSERT_TRUE(block);
    BlockLayout layout = heap_->LayoutOf(block);
    EXPECT_EQ(layout.user_begin % alignment, 0u);
    EXPECT_EQ(layout.user_end - layout.user_begin, size);
    EXPECT_GE(layout.user_begin, layout.redzone_begin + 16);
    EXPECT_GE(layout.redzone_end, layout.user_end + 16);
    EXPECT_EQ(heap_->UserBegin(block), layout.user_begin);
    for (uintptr_t address : {layout.user_begin, layout.user_end - 1}) {
      if (size != 0) {
        EXPECT_EQ(heap_->Find(address).record, block.record);
        EXPECT_EQ(heap_->Find(*lane_, address).record, block.record);
      }
    }
    auto [at, is_new] = live.emplace(layout.user_begin, layout.user_end);
    ASSERT_TRUE(is_new);
    if (at != live.begin()) {
      EXPECT_GE(layout.user_begin, std::prev(at)->second + 16);
    }
    if (std::next(at) != live.end()) {
      EXPECT_LE(layout.user_end + 16, std::next(at)->first);
    }
  }
}

TEST_F(HeapTest, NumbersAreConsecutiveInOneLane) {
  Start();
  for (uint64_t expected = 1; expected < 2000; ++expected) {
    ASSERT_EQ(heap_->NextNumber(*lane_), expected);
  }
  Lane* other = heap_->LaneOf(1);
  EXPECT_GT(heap_->NextNumber(*other), 2000u);
}

TEST_F(HeapTest, NumbersOfTwoLanesFollowEachOther) {
  Start();
  Lane* other = heap_->LaneOf(1);
  EXPECT_EQ(heap_->NextNumber(*lane_), 1u);
  EXPECT_EQ(heap_->NextNumber(*other), 2u) << "a quiet thread is exact";
  uint64_t stale = heap_->NextNumber(*other);
  uint64_t latest = 0;
  for (int i = 0; i < 100'000; ++i) latest = heap_->NextNumber(*lane_);
  uint64_t late = heap_->NextNumber(*other);
  EXPECT_GT(late, stale);
  EXPECT_LT(latest < late ? late - latest : latest - late, 1024u)
      << "an operation long after another has a number long after it";
}

TEST_F(HeapTest, NoSlotIsHandedOutTwice) {
  HeapConfig config;
  config.quarantine_size = 0;
  Start(config);
  std::vector<uintptr_t> seen;
  for (int i = 0; i < 20'000; ++i) {
    BlockRef block = Make(64);
    seen.push_back(heap_->UserBegin(block));
    Drop(block);
  }
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(std::unique(seen.begin(), seen.end()), seen.end());
}

TEST_F(HeapTest, PagesWithoutALiveBlockAreRetiredAroundASurvivor) {
  HeapConfig config;
  config.quarantine_size = 0;
  Start(config);
  std::vector<BlockRef> blocks;
  BlockRef first = Make(64);
  blocks.push_back(first);
  while (blocks.size() < first.span->slot_count) blocks.push_back(Make(64));
  ASSERT_EQ(blocks.back().span, first.span);
  size_t survivor = blocks.size() / 2;
  for (size_t i = 0; i < blocks.size(); ++i) {
    if (i != survivor) Drop(blocks[i]);
  }
  // Frees that are noted but not counted yet are settled by one elsewhere.
  Drop(Make(3000));
  BlockLayout kept = heap_->LayoutOf(blocks[survivor]);
  size_t resident = 0;
  for (size_t offset = 0; offset < first.span->size; offset += 4096) {
    resident += !backing_.IsRetired(first.span->begin + offset);
  }
  EXPECT_LE(resident, 3u) << "of 32 pages";
  EXPECT_FALSE(backing_.IsRetired(kept.redzone_begin));
  EXPECT_FALSE(backing_.IsRetired(kept.redzone_end - 1));
  EXPECT_FALSE(first.span->retired);
  Drop(blocks[survivor]);
  Drop(Make(3000));
  EXPECT_TRUE(first.span->retired);
  EXPECT_EQ(heap_->Find(kept.user_begin).record, blocks[survivor].record)
      << "the record stays";
}

TEST_F(HeapTest, SpansOfAThreadThatEndsServeTheNextOne) {
  Start();
  Lane* ended = heap_->LaneOf(5);
  BlockRef block = heap_->Reserve(*ended, 64, 16);
  heap_->ReleaseLane(5);
  Lane* next = heap_->LaneOf(6);
  BlockRef other = heap_->Reserve(*next, 64, 16);
  EXPECT_EQ(other.span, block.span);
  EXPECT_EQ(other.slot(), block.slot() + 1);
}

TEST_F(HeapTest, AChunkWithNothingLiveIsRetiredAsOne) {
  HeapConfig config;
  config.quarantine_size = size_t{64} << 20;
  Start(config);
  BlockRef first = Make(64);
  uintptr_t chunk = first.span->chunk->begin;
  Drop(first);
  for (int i = 0; i < 2'000'000 && !first.span->retired; ++i) Drop(Make(64));
  for (size_t offset = 0; offset < first.span->chunk->size; offset += 4096) {
    EXPECT_TRUE(backing_.IsRetired(chunk + offset)) << offset;
  }
  EXPECT_FALSE(backing_.IsRetired(chunk + first.span->chunk->size));
  EXPECT_TRUE(first.span->retired);
  EXPECT_FALSE(first.span->claimed);
}

TEST_F(HeapTest, NearestBlockOfAStrayAddress) {
  Start();
  BlockRef block = Make(64);
  uintptr_t user = heap_->UserBegin(block);
  EXPECT_EQ(heap_->FindNearest(user - 8).record, block.record);
  EXPECT_EQ(heap_->FindNearest(user + 5000).record, block.record);
  EXPECT_EQ(heap_->FindNearest(user + 500'000).record, block.record);
  EXPECT_FALSE(heap_->FindNearest(64));
  EXPECT_FALSE(heap_->FindNearest(UINTPTR_MAX));
}

TEST_F(HeapTest, RefusalsLeaveTheHeapAsItWas) {
  Start();
  BlockRef block = Make(64);
  backing_.refuses = true;
  EXPECT_FALSE(Make(100'000));
  EXPECT_FALSE(Make(SIZE_MAX / 2));
  BlockRef refused;
  do {
    refused = Make(3000);
  } while (refused);
  backing_.refuses = false;
  EXPECT_TRUE(Make(3000));
  EXPECT_TRUE(Make(100'000));
  EXPECT_EQ(heap_->Find(heap_->UserBegin(block)).record, block.record);
}

TEST_F(HeapTest, MakeRoomGivesEverythingThatIsFreeBack) {
  for (bool has_pages : {true, false}) {
    backing_.has_pages = has_pages;
    Start();
    size_t before = heap_->store().span_bytes();
    std::vector<BlockRef> blocks;
    for (int i = 0; i < 40; ++i) blocks.push_back(Make(100'000));
    for (const BlockRef& block : blocks) Drop(block);
    EXPECT_GT(heap_->quarantine_bytes(), 0u);
    EXPECT_TRUE(heap_->MakeRoom(SIZE_MAX / 4));
    EXPECT_EQ(heap_->quarantine_bytes(), 0u);
    EXPECT_EQ(heap_->store().span_bytes(), before);
    EXPECT_FALSE(heap_->MakeRoom(1));
    heap_->store().ReleaseAll();
    heap_ = nullptr;
  }
}

TEST_F(HeapTest, CountersAreSummedOverLanes) {
  Start();
  for (uint32_t thread : {0u, 1u, 255u, 256u, 1000u, 65'535u}) {
    LaneUse use(heap_->LaneOf(thread));
    use->allocations.Add(1);
    use->allocated_bytes.Add(thread);
  }
  EXPECT_EQ(heap_->SumCounters().allocations, 6u);
  EXPECT_EQ(heap_->SumCounters().allocated_bytes,
            1u + 255 + 256 + 1000 + 65'535);
}

TEST_F(HeapTest, AllLocksCanBeTakenAndGivenBack) {
  Start();
  heap_->LaneOf(300);
  heap_->LockAll();
  heap_->UnlockAll();
  EXPECT_TRUE(Make(64));
  LaneUse use(heap_->LaneOf(300));
}

}  // namespace
}  // namespace dbgalloc::heap
