#include "alloc/heap/retired_regions.h"

#include "gtest/gtest.h"

namespace dbgalloc::heap {
namespace {

constexpr uint64_t kChunk = uint64_t{2} << 20;
constexpr uint64_t kRegion = uint64_t{1} << RetiredRegions::kRegionLog2;

// All chunks of a region but the first.
void AddAllButFirst(RetiredRegions& regions, uint64_t region) {
  for (uint64_t at = region + kChunk; at < region + kRegion; at += kChunk) {
    ASSERT_FALSE(regions.Add(at, kChunk));
  }
}

TEST(RetiredRegions, NamesARegionWithItsLastChunk) {
  RetiredRegions regions;
  AddAllButFirst(regions, 5 * kRegion);
  EXPECT_FALSE(regions.Add(6 * kRegion, kChunk)) << "of another region";
  EXPECT_TRUE(regions.Add(5 * kRegion, kChunk));
}

TEST(RetiredRegions, AChunkThatCameBackIsMissing) {
  RetiredRegions regions;
  AddAllButFirst(regions, kRegion);
  regions.Remove(kRegion + 7 * kChunk, kChunk);
  EXPECT_FALSE(regions.Add(kRegion, kChunk));
  EXPECT_TRUE(regions.Add(kRegion + 7 * kChunk, kChunk));
}

TEST(RetiredRegions, WhatWasForgottenIsNeverTakenForWhole) {
  RetiredRegions regions;
  AddAllButFirst(regions, kRegion);
  regions.Add((1 + RetiredRegions::kRegions) * kRegion, kChunk);
  EXPECT_FALSE(regions.Add(kRegion, kChunk)) << "the other took its place";
  regions.Remove(kRegion + kChunk, kChunk);
  regions.Remove(kRegion + 2 * kChunk, kChunk);
  EXPECT_FALSE(regions.Add(kRegion + kChunk, kChunk));
  EXPECT_FALSE(regions.Add(kRegion + 2 * kChunk, kChunk));
}

TEST(RetiredRegions, ChunksOverTwoRegionsCountInNone) {
  RetiredRegions regions;
  EXPECT_FALSE(regions.Add(kRegion - kChunk, 2 * kRegion));
  AddAllButFirst(regions, kRegion);
  EXPECT_TRUE(regions.Add(kRegion, kChunk));
}

}  // namespace
}  // namespace dbgalloc::heap
