#include "alloc/stack/row_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace dbgalloc::stack {
namespace {

UnwindRow RowOf(int64_t cfa_offset) {
  UnwindRule rule;
  rule.cfa = CfaKind::kStackPointer;
  rule.cfa_offset = cfa_offset;
  rule.return_address_offset = kUsualReturnAddressOffset;
  return UnwindRow::Of(rule);
}

class RowCacheTest : public testing::Test {
 protected:
  void Insert(uintptr_t address, UnwindRow row) {
    cache_->Insert(address, cache_->epoch(), row);
  }
  UnwindRow Find(uintptr_t address) {
    return cache_->Find(address, cache_->epoch());
  }

  std::unique_ptr<RowCache> cache_ = std::make_unique<RowCache>();
};

TEST_F(RowCacheTest, FindsOnlyWhatWasInserted) {
  EXPECT_EQ(Find(0x401000).kind(), CfaKind::kAbsent);
  Insert(0x401000, RowOf(3));
  EXPECT_EQ(Find(0x401000).cfa_offset(), 3);
  EXPECT_EQ(Find(0x401001).kind(), CfaKind::kAbsent);
  EXPECT_EQ(Find(0).kind(), CfaKind::kAbsent);
}

TEST_F(RowCacheTest, RemembersThatThereIsNoTable) {
  Insert(0x401000, UnwindRow::Of(CfaKind::kNoTable));
  EXPECT_EQ(Find(0x401000).kind(), CfaKind::kNoTable);
}

TEST_F(RowCacheTest, InvalidateForgetsEverything) {
  Insert(0x401000, RowOf(3));
  cache_->Invalidate();
  EXPECT_EQ(Find(0x401000).kind(), CfaKind::kAbsent);
  Insert(0x401000, RowOf(4));
  EXPECT_EQ(Find(0x401000).cfa_offset(), 4);
}

TEST_F(RowCacheTest, ARowOfAnEarlierEpochIsNotFound) {
  const RowCache::Epoch before = cache_->epoch();
  cache_->Invalidate();
  cache_->Insert(0x401000, before, RowOf(3));
  EXPECT_EQ(Find(0x401000).kind(), CfaKind::kAbsent);
}

// The check holds sixteen bits of the epoch; they come round.
TEST_F(RowCacheTest, NoRowComesBackAfterManyInvalidations) {
  Insert(0x401000, RowOf(3));
  for (int i = 0; i < 3 * 65536; ++i) {
    cache_->Invalidate();
    ASSERT_EQ(Find(0x401000).kind(), CfaKind::kAbsent) << i;
  }
}

TEST_F(RowCacheTest, NeverGivesTheRowOfAnotherAddress) {
  for (uintptr_t i = 0; i < 300000; ++i) {
    Insert(0x401000 + i * 7, RowOf(static_cast<int64_t>(i)));
  }
  size_t found = 0;
  for (uintptr_t i = 0; i < 300000; ++i) {
    const UnwindRow row = Find(0x401000 + i * 7);
    if (row.kind() == CfaKind::kAbsent) continue;
    ASSERT_EQ(row.cfa_offset(), static_cast<int64_t>(i));
    ++found;
  }
  EXPECT_GT(found, 30000u);
}

TEST_F(RowCacheTest, KeepsWhatItKnowsWhenItGrows) {
  constexpr uintptr_t kRows = 4000;  // more than its first pages hold
  size_t found = 0;
  for (uintptr_t i = 0; i < kRows; ++i) {
    Insert(0x401000 + i * 16, RowOf(static_cast<int64_t>(i)));
    for (uintptr_t known : {i, i / 2, i - i / 16}) {
      const UnwindRow row = Find(0x401000 + known * 16);
      if (row.kind() == CfaKind::kAbsent) continue;
      ASSERT_EQ(row.cfa_offset(), static_cast<int64_t>(known));
      ++found;
    }
  }
  EXPECT_EQ(found, 3 * kRows) << "consecutive addresses have room each";
}

// Writers of different rows meet in the same entries; a reader must see one
// whole row or none.
TEST_F(RowCacheTest, AReaderNeverSeesHalves) {
  constexpr uintptr_t kStep = uintptr_t{1}
                              << (sizeof(uintptr_t) * 4);  // the same pair
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int64_t writer = 1; writer <= 3; ++writer) {
    threads.emplace_back([&, writer] {
      for (int64_t i = 1; !stop; ++i) {
        const uintptr_t address = 0x401000 + (i % 4) * kStep;
        // The row tells its address.
        Insert(address, RowOf((i % 4) + 8 * writer));
      }
    });
  }
  for (int i = 0; i < 2000000; ++i) {
    const int64_t which = i % 4;
    const UnwindRow row =
        Find(0x401000 + static_cast<uintptr_t>(which) * kStep);
    if (row.kind() == CfaKind::kAbsent) continue;
    ASSERT_EQ(row.cfa_offset() % 8, which);
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
}

TEST(UnwindRow, KeepsWhatTheRuleSays) {
  UnwindRule rule;
  rule.cfa = CfaKind::kAtStackPointer;
  rule.cfa_offset = -20;
  rule.frame_pointer = SavedKind::kAtStackPointer;
  rule.frame_pointer_offset = 15;
  rule.return_address_offset = 21;
  rule.return_address_at_stack = true;
  rule.is_signal_frame = true;
  const UnwindRow row = UnwindRow::Of(rule);
  EXPECT_TRUE(row.is_unusual());
  EXPECT_EQ(row.kind(), rule.cfa);
  EXPECT_EQ(row.cfa_offset(), -20);
  EXPECT_EQ(row.frame_pointer(), rule.frame_pointer);
  EXPECT_EQ(row.frame_pointer_offset(), 15);
  EXPECT_EQ(row.return_address_offset(), 21);
  EXPECT_TRUE(row.return_address_at_stack());
  EXPECT_TRUE(row.is_signal_frame());
}

TEST(UnwindRow, AnOffsetThatDoesNotFitIsNoTable) {
  UnwindRule rule;
  rule.cfa = CfaKind::kStackPointer;
  rule.cfa_offset = int64_t{1} << 40;
  EXPECT_EQ(UnwindRow::Of(rule).kind(), CfaKind::kNoTable);
  rule.cfa_offset = 2;
  rule.frame_pointer = SavedKind::kAtCfa;
  rule.frame_pointer_offset = 20000;
  EXPECT_EQ(UnwindRow::Of(rule).kind(), CfaKind::kNoTable);
}

// Where the frame record lies at the bottom, the return address is far from the
// CFA.
TEST(UnwindRow, HasRoomForLargeFrames) {
  UnwindRule rule;
  rule.cfa = CfaKind::kStackPointer;
  rule.cfa_offset = 8000;
  rule.frame_pointer = SavedKind::kAtCfa;
  rule.frame_pointer_offset = -8000;
  rule.return_address_offset = -7999;
  const UnwindRow row = UnwindRow::Of(rule);
  EXPECT_EQ(row.kind(), CfaKind::kStackPointer);
  EXPECT_EQ(row.cfa_offset(), 8000);
  EXPECT_EQ(row.frame_pointer_offset(), -8000);
  EXPECT_EQ(row.return_address_offset(), -7999);
}

TEST(UnwindRow, TheUsualFrameIsUsual) {
  const UnwindRow row = RowOf(4);
  EXPECT_FALSE(row.is_unusual());
  EXPECT_FALSE(row.starts_at_frame_pointer());
  EXPECT_FALSE(row.reloads_frame_pointer());
  EXPECT_TRUE(UnwindRow::Of(CfaKind::kEnd).is_unusual());
  EXPECT_TRUE(UnwindRow().is_unusual());
  EXPECT_EQ(UnwindRow().kind(), CfaKind::kAbsent);
}

}  // namespace
}  // namespace dbgalloc::stack
