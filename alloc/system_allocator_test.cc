#include "dbgalloc/system_allocator.h"

#include <cstdlib>
#include <cstring>

#include "gtest/gtest.h"

namespace dbgalloc {
namespace {

TEST(SystemAllocator, HonoursEveryAlignment) {
  SystemAllocator memory;
  for (size_t alignment = 1; alignment <= 1 << 16; alignment *= 2) {
    for (size_t size : {1, 7, 100, 5000}) {
      void* block = memory.Allocate(size, alignment);
      ASSERT_NE(block, nullptr);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % alignment, 0u);
      memset(block, 1, size);
      memory.Deallocate(block, size, alignment);
    }
  }
}

TEST(SystemAllocator, BlocksBelongToFree) {
  SystemAllocator memory;
  std::free(memory.Allocate(10, 8));
}

TEST(SystemAllocator, ShrinksInPlaceAndGrowsByRemap) {
  SystemAllocator memory;
  char* block = static_cast<char*>(memory.Allocate(100, 8));
  memset(block, 'x', 100);
  EXPECT_TRUE(memory.Resize(block, 100, 8, 50));
  EXPECT_FALSE(memory.Resize(block, 50, 8, 51));
  EXPECT_EQ(memory.Remap(block, 50, 8, 40), block);
  block = static_cast<char*>(memory.Remap(block, 40, 8, 1 << 20));
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(block[39], 'x');
  memory.Deallocate(block, 1 << 20, 8);
}

TEST(SystemAllocator, AlignedBlocksDoNotMove) {
  SystemAllocator memory;
  void* block = memory.Allocate(100, 64);
  EXPECT_EQ(memory.Remap(block, 100, 64, 200), nullptr);
  memory.Deallocate(block, 100, 64);
}

TEST(SystemAllocator, RefusesWhatNoAddressSpaceHolds) {
  SystemAllocator memory;
  EXPECT_EQ(memory.Allocate(SIZE_MAX - 10, 64), nullptr);
  EXPECT_EQ(memory.Allocate(SIZE_MAX / 2 + 1, 16), nullptr);
}

}  // namespace
}  // namespace dbgalloc
