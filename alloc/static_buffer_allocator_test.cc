#include "dbgalloc/static_buffer_allocator.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <map>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace dbgalloc {
namespace {

constexpr size_t kUnit = StaticBufferAllocator::kUnit;

class StaticBufferAllocatorTest : public testing::Test {
 protected:
  alignas(4096) unsigned char buffer_[1 << 16];
  StaticBufferAllocator memory_{buffer_, sizeof(buffer_)};
};

TEST_F(StaticBufferAllocatorTest, HandsOutTheWholeBuffer) {
  EXPECT_EQ(memory_.free_bytes(), sizeof(buffer_));
  void* all = memory_.Allocate(sizeof(buffer_), 4096);
  EXPECT_EQ(all, buffer_);
  EXPECT_EQ(memory_.Allocate(1, 1), nullptr);
  EXPECT_EQ(memory_.free_bytes(), 0u);
  EXPECT_EQ(memory_.largest_free(), 0u);
  memory_.Deallocate(all, sizeof(buffer_), 4096);
  EXPECT_EQ(memory_.largest_free(), sizeof(buffer_));
}

TEST_F(StaticBufferAllocatorTest, LastBlockGivenBackIsTheNextOne) {
  void* first = memory_.Allocate(100, 16);
  void* last = memory_.Allocate(100, 16);
  memory_.Deallocate(last, 100, 16);
  EXPECT_EQ(memory_.Allocate(100, 16), last);
  memory_.Deallocate(last, 100, 16);
  memory_.Deallocate(first, 100, 16);
}

TEST_F(StaticBufferAllocatorTest, NeighboursJoinInEveryOrderOfGivingBack) {
  std::vector<int> order = {0, 1, 2, 3};
  do {
    void* blocks[4];
    for (void*& block : blocks) block = memory_.Allocate(64, 16);
    for (int i : order) memory_.Deallocate(blocks[i], 64, 16);
    ASSERT_EQ(memory_.largest_free(), sizeof(buffer_));
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_F(StaticBufferAllocatorTest, WhatAnAlignmentSkipsStaysFree) {
  void* small = memory_.Allocate(16, 16);
  void* aligned = memory_.Allocate(4096, 4096);
  EXPECT_EQ(aligned, buffer_ + 4096);
  EXPECT_EQ(memory_.Allocate(4096 - 16, 16), buffer_ + 16);
  EXPECT_EQ(memory_.free_bytes(), sizeof(buffer_) - 8192);
  static_cast<void>(small);
}

TEST_F(StaticBufferAllocatorTest, ResizesWhereThereIsRoom) {
  void* block = memory_.Allocate(100, 16);
  EXPECT_TRUE(memory_.Resize(block, 100, 16, 1000));
  EXPECT_EQ(memory_.Remap(block, 1000, 16, 2000), block);
  void* next = memory_.Allocate(16, 16);
  EXPECT_FALSE(memory_.Resize(block, 2000, 16, 3000));
  EXPECT_EQ(memory_.Remap(block, 2000, 16, 3000), nullptr);
  EXPECT_TRUE(memory_.Resize(block, 2000, 16, 16));
  EXPECT_TRUE(memory_.Resize(block, 16, 16, 2000));
  memory_.Deallocate(next, 16, 16);
  memory_.Deallocate(block, 2000, 16);
  EXPECT_EQ(memory_.largest_free(), sizeof(buffer_));
}

TEST_F(StaticBufferAllocatorTest, RefusesSizesThatCannotBe) {
  EXPECT_EQ(memory_.Allocate(SIZE_MAX, 1), nullptr);
  EXPECT_EQ(memory_.Allocate(SIZE_MAX - 64, 4096), nullptr);
  EXPECT_EQ(memory_.Allocate(16, SIZE_MAX / 2 + 1), nullptr);
  void* block = memory_.Allocate(16, 16);
  EXPECT_FALSE(memory_.Resize(block, 16, 16, SIZE_MAX));
  memory_.Deallocate(block, 16, 16);
}

TEST_F(StaticBufferAllocatorTest, OwnsItsBufferOnly) {
  EXPECT_TRUE(memory_.Owns(buffer_));
  EXPECT_TRUE(memory_.Owns(buffer_ + sizeof(buffer_) - 1));
  EXPECT_FALSE(memory_.Owns(buffer_ + sizeof(buffer_)));
  EXPECT_FALSE(memory_.Owns(&memory_));
}

TEST(StaticBufferAllocator, UnalignedAndTinyBuffersAreCutToUnits) {
  alignas(16) unsigned char bytes[64];
  StaticBufferAllocator odd(bytes + 1, 62);
  EXPECT_EQ(odd.free_bytes(), 64 - 2 * kUnit);
  StaticBufferAllocator tiny(bytes + 1, kUnit);
  EXPECT_EQ(tiny.free_bytes(), 0u);
  EXPECT_EQ(tiny.Allocate(1, 1), nullptr);
  StaticBufferAllocator empty(bytes, 0);
  EXPECT_EQ(empty.Allocate(1, 1), nullptr);
}

// Random operations against a map of what is handed out: blocks never overlap,
// are aligned, keep their contents, and nothing is lost.
TEST_F(StaticBufferAllocatorTest, AgreesWithAModel) {
  struct Live {
    size_t size;
    size_t alignment;
    unsigned char mark;
  };
  std::mt19937 random(1);
  std::map<unsigned char*, Live> live;
  for (int i = 0; i < 20000; ++i) {
    size_t size = 1 + random() % 700;
    if (random() % 2 == 0 || live.empty()) {
      size_t alignment = size_t{1} << random() % 10;
      auto* block =
          static_cast<unsigned char*>(memory_.Allocate(size, alignment));
      if (block == nullptr) continue;
      ASSERT_EQ(reinterpret_cast<uintptr_t>(block) % alignment, 0u);
      auto mark = static_cast<unsigned char>(random());
      memset(block, mark, size);
      ASSERT_TRUE(live.emplace(block, Live{size, alignment, mark}).second);
      continue;
    }
    auto at = live.begin();
    std::advance(at, random() % live.size());
    auto& [block, is] = *at;
    for (size_t b = 0; b < is.size; ++b) ASSERT_EQ(block[b], is.mark);
    if (random() % 3 == 0) {
      if (memory_.Resize(block, is.size, is.alignment, size)) {
        is.size = size;
        memset(block, is.mark, size);
      }
      continue;
    }
    memory_.Deallocate(block, is.size, is.alignment);
    live.erase(at);
  }
  for (auto& [block, is] : live) {
    memory_.Deallocate(block, is.size, is.alignment);
  }
  EXPECT_EQ(memory_.largest_free(), sizeof(buffer_));
}

}  // namespace
}  // namespace dbgalloc
