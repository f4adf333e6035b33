#include "alloc/heap/record_store.h"

#include <cstring>
#include <set>

#include "alloc/heap/test_backing.h"
#include "gtest/gtest.h"

namespace dbgalloc::heap {
namespace {

class RecordStoreTest : public testing::TestWithParam<bool> {
 protected:
  RecordStoreTest() {
    slabs_.Init(&backing_, 1 << 16, false, TestBacking::kPage);
    headers_.Init(&backing_, 1 << 16, false);
    store_.Init({&slabs_, &headers_, GetParam() ? &backing_ : nullptr}, true);
  }
  ~RecordStoreTest() override {
    slabs_.ReleaseAll();
    headers_.ReleaseAll();
  }

  struct SmallSpan : Span {
    SmallSpan() {
      slot_count = 1000;
      size_class = 3;
    }
  };
  static void ExpectUnused(const Span& span) {
    for (uint32_t i = 0; i < span.slot_count; ++i) {
      ASSERT_EQ(span.records[i].head_bits, 0u) << i;
      ASSERT_EQ(span.records[i].alloc_stack, 0u) << i;
      ASSERT_EQ(span.resizes[i].stack, 0u) << i;
    }
  }
  void Dirty(const Span& span) {
    memset(static_cast<void*>(span.records), 0xff, store_.BytesOf(span));
  }

  TestBacking backing_;
  MetadataArena slabs_;
  MetadataArena headers_;
  RecordStore store_;
};

INSTANTIATE_TEST_SUITE_P(WithPages, RecordStoreTest, testing::Bool());

TEST_P(RecordStoreTest, ArraysAreUsedAgainAndUnusedEachTime) {
  std::set<BlockRecord*> seen;
  for (int round = 0; round < 3; ++round) {
    SmallSpan spans[6];
    for (Span& span : spans) {
      ASSERT_TRUE(store_.Take(&span));
      ExpectUnused(span);
      seen.insert(span.records);
      Dirty(span);
    }
    for (Span& span : spans) store_.Give(&span);
  }
  EXPECT_EQ(seen.size(), 6u);
}

TEST_P(RecordStoreTest, PagesThatCannotBeGivenBackAreClearedInstead) {
  backing_.discards = false;
  for (int round = 0; round < 2; ++round) {
    SmallSpan spans[4];
    for (Span& span : spans) {
      ASSERT_TRUE(store_.Take(&span));
      ExpectUnused(span);
      Dirty(span);
    }
    for (Span& span : spans) store_.Give(&span);
  }
}

TEST_P(RecordStoreTest, WithoutMemoryThereAreNoRecords) {
  backing_.refuses = true;
  SmallSpan span;
  EXPECT_FALSE(store_.Take(&span));
}

TEST_P(RecordStoreTest, AGivenArrayStaysReadable) {
  SmallSpan span;
  ASSERT_TRUE(store_.Take(&span));
  store_.Give(&span);
  ASSERT_NE(span.records, nullptr) << "a stray look-up may come late";
  static_cast<void>(span.records[500].state());
}

}  // namespace
}  // namespace dbgalloc::heap
