#include "alloc/heap/metadata_cells.h"

#include <cstring>
#include <set>
#include <vector>

#include "alloc/heap/test_backing.h"
#include "gtest/gtest.h"

namespace dbgalloc::heap {
namespace {

class CellsTest : public testing::TestWithParam<bool> {
 protected:
  CellsTest() {
    slabs_.Init(&backing_, 1 << 20, false, TestBacking::kPage);
    headers_.Init(&backing_, 1 << 16, false);
    source_ = {&slabs_, &headers_, GetParam() ? &backing_ : nullptr, 4};
  }
  ~CellsTest() override {
    slabs_.ReleaseAll();
    headers_.ReleaseAll();
  }
  MetadataCell Take(size_t size) {
    MetadataCell cell = cells_.Take(source_, size);
    EXPECT_NE(cell.memory, nullptr);
    EXPECT_TRUE(IsZero(cell, size));
    memset(cell.memory, 0x5a, size);
    return cell;
  }
  void Give(const MetadataCell& cell) { cells_.Give(source_, cell); }
  static bool IsZero(const MetadataCell& cell, size_t size) {
    const char* bytes = static_cast<const char*>(cell.memory);
    for (size_t i = 0; i < size; ++i) {
      if (bytes[i] != 0) return false;
    }
    return true;
  }

  TestBacking backing_;
  MetadataArena slabs_;
  MetadataArena headers_;
  MetadataCells::Source source_;
  MetadataCells cells_;
};

INSTANTIATE_TEST_SUITE_P(WithAndWithoutPages, CellsTest, testing::Bool());

TEST_P(CellsTest, AreApartAlignedAndZero) {
  for (size_t size : {64, 448, 5000, 100'000}) {
    MetadataCells cells;
    std::set<char*> begins;
    std::vector<MetadataCell> taken;
    for (int i = 0; i < 300; ++i) {
      MetadataCell cell = cells.Take(source_, size);
      ASSERT_TRUE(IsZero(cell, size));
      memset(cell.memory, 0x77, size);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(cell.memory) % 64, 0u);
      begins.insert(static_cast<char*>(cell.memory));
      taken.push_back(cell);
    }
    char* last_end = nullptr;
    for (char* begin : begins) {
      EXPECT_GE(begin, last_end);
      last_end = begin + size;
    }
    for (const MetadataCell& cell : taken) cells.Give(source_, cell);
  }
}

TEST_P(CellsTest, WhatIsGivenBackIsUsedAgainAndZero) {
  std::vector<MetadataCell> taken;
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 1000; ++i) taken.push_back(Take(448));
    for (const MetadataCell& cell : taken) Give(cell);
    taken.clear();
    if (round == 0) backing_.refuses = true;
  }
}

TEST_P(CellsTest, AFewAtATimeNeedNoMoreMemory) {
  Give(Take(3000));
  backing_.refuses = true;
  for (int i = 0; i < 10'000; ++i) Give(Take(3000));
}

TEST_P(CellsTest, RefusalsAreNull) {
  backing_.refuses = true;
  EXPECT_EQ(cells_.Take(source_, 448).memory, nullptr);
  backing_.refuses = false;
  Give(Take(448));
}

TEST_P(CellsTest, EmptySlabsLoseTheirMemoryOldestFirst) {
  if (!GetParam()) GTEST_SKIP() << "of pages";
  std::vector<MetadataCell> taken;
  for (int i = 0; i < 50; ++i) taken.push_back(Take(20'000));
  for (const MetadataCell& cell : taken) Give(cell);
  int gone = 0;
  for (const MetadataCell& cell : taken) gone += IsZero(cell, 20'000);
  EXPECT_EQ(gone, 46);
  EXPECT_TRUE(IsZero(taken.front(), 20'000));
  EXPECT_FALSE(IsZero(taken.back(), 20'000)) << "the last ones are warm";
}

TEST_P(CellsTest, OneCellInUseKeepsItsSlabOnly) {
  if (!GetParam()) GTEST_SKIP() << "of pages";
  std::vector<MetadataCell> taken;
  for (int i = 0; i < 2000; ++i) taken.push_back(Take(448));
  MetadataCell kept = taken[0];
  for (int i = 1; i < 2000; ++i) Give(taken[i]);
  int resident = 0;
  for (const MetadataCell& cell : taken) resident += !IsZero(cell, 448);
  EXPECT_LE(resident, 146 * 5 + 1) << "one slab in use, four warm";
  EXPECT_FALSE(IsZero(kept, 448));
  Give(kept);
}

TEST_P(CellsTest, MemoryThatCannotGoBackIsUsedAgainAllTheSame) {
  backing_.discards = false;
  std::vector<MetadataCell> taken;
  for (int i = 0; i < 50; ++i) taken.push_back(Take(20'000));
  for (const MetadataCell& cell : taken) Give(cell);
  backing_.refuses = true;
  for (int i = 0; i < 50; ++i) Take(20'000);
}

}  // namespace
}  // namespace dbgalloc::heap
