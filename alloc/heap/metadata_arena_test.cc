#include "alloc/heap/metadata_arena.h"

#include <cstring>
#include <vector>

#include "alloc/heap/test_backing.h"
#include "gtest/gtest.h"

namespace dbgalloc::heap {
namespace {

bool IsZero(const void* memory, size_t size) {
  const auto* bytes = static_cast<const unsigned char*>(memory);
  for (size_t i = 0; i < size; ++i) {
    if (bytes[i] != 0) return false;
  }
  return true;
}

TEST(MetadataArena, HandsOutZeroedCacheLinesOfDirtyMemory) {
  TestBacking backing;
  MetadataArena arena;
  arena.Init(&backing, 4096, /*backing_zeroes=*/false);
  for (size_t size = 1; size < 10'000; size += size / 3 + 1) {
    void* memory = arena.Take(size);
    ASSERT_NE(memory, nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % 64, 0u);
    EXPECT_TRUE(IsZero(memory, size)) << size;
    memset(memory, 0xff, size);
  }
  arena.ReleaseAll();
}

TEST(MetadataArena, PiecesDoNotOverlap) {
  TestBacking backing;
  MetadataArena arena;
  arena.Init(&backing, 4096, false);
  std::vector<unsigned char*> pieces;
  for (int i = 0; i < 500; ++i) {
    auto* piece = static_cast<unsigned char*>(arena.Take(100));
    memset(piece, i, 100);
    pieces.push_back(piece);
  }
  for (int i = 0; i < 500; ++i) {
    EXPECT_EQ(pieces[i][0], static_cast<unsigned char>(i));
    EXPECT_EQ(pieces[i][99], static_cast<unsigned char>(i));
  }
  EXPECT_GT(arena.taken_bytes(), 500u * 100);
  arena.ReleaseAll();
  EXPECT_EQ(backing.blocks_out(), 0u);
  EXPECT_EQ(arena.taken_bytes(), 0u);
}

TEST(MetadataArena, RefusalIsNullAndWhatWasThereStays) {
  TestBacking backing;
  MetadataArena arena;
  arena.Init(&backing, 4096, false);
  void* first = arena.Take(64);
  backing.refuses = true;
  EXPECT_NE(arena.Take(64), nullptr) << "the step has room";
  EXPECT_EQ(arena.Take(8192), nullptr);
  backing.refuses = false;
  EXPECT_NE(arena.Take(8192), nullptr);
  EXPECT_TRUE(IsZero(first, 64));
  arena.ReleaseAll();
}

}  // namespace
}  // namespace dbgalloc::heap
