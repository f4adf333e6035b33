// What the process's heap tells of itself where the pool serves malloc.
#include <stdlib.h>
#include <string.h>

#include <vector>

#include "dbgalloc/c_api.h"
#include "gtest/gtest.h"

namespace {

template <typename T>
T* Opaque(T* pointer) {
  asm volatile("" : "+r"(pointer)::"memory");
  return pointer;
}

std::vector<dbgalloc_class_stats> Classes() {
  std::vector<dbgalloc_class_stats> classes(128);
  classes.resize(dbgalloc_get_class_stats(
      classes.data(), sizeof(dbgalloc_class_stats), classes.size()));
  return classes;
}

dbgalloc_class_stats ClassOf(uint64_t capacity) {
  for (const dbgalloc_class_stats& found : Classes()) {
    if (found.capacity == capacity) return found;
  }
  return {};
}

TEST(PoolServices, ASizeClassHasWhatWasTakenFromIt) {
  constexpr size_t kBlocks = 50;
  dbgalloc_class_stats before = ClassOf(1792);
  std::vector<void*> blocks;
  for (size_t i = 0; i < kBlocks; ++i) {
    blocks.push_back(Opaque(malloc(1700)));
  }
  dbgalloc_class_stats during = ClassOf(1792);
  for (void* block : blocks) free(block);
  dbgalloc_class_stats after = ClassOf(1792);
  EXPECT_EQ(during.live_blocks - before.live_blocks, kBlocks);
  EXPECT_EQ(during.live_bytes - before.live_bytes, kBlocks * 1792);
  EXPECT_GE(during.spans, 1u);
  EXPECT_EQ(after.live_blocks, before.live_blocks);
  EXPECT_GE(after.freed_blocks, kBlocks);
}

TEST(PoolServices, LargerBlocksAreOneClass) {
  dbgalloc_class_stats before = ClassOf(0);
  void* medium = Opaque(malloc(3 << 20));
  void* large = Opaque(malloc(size_t{600} << 20));
  dbgalloc_class_stats during = ClassOf(0);
  free(medium);
  free(large);
  EXPECT_EQ(during.live_blocks - before.live_blocks, 2u);
  EXPECT_GE(during.live_bytes - before.live_bytes, size_t{603} << 20);
}

TEST(PoolServices, CheckHeapFindsAFreeBlockThatWasWrittenTo) {
  EXPECT_EQ(dbgalloc_check_heap_now(), 0u);
  long* block = Opaque(static_cast<long*>(malloc(2000)));
  long* other = Opaque(static_cast<long*>(malloc(2000)));
  // The compiler is not to know what happens to the block.
  volatile long* word = Opaque(block);
  free(Opaque(block));
  free(other);
  long was = *word;
  *word = 1;
  EXPECT_EQ(dbgalloc_check_heap_now(), 1u);
  *word = was;
  EXPECT_EQ(dbgalloc_check_heap_now(), 0u);
}

TEST(PoolServices, AnAddressIsDescribed) {
  char* block = Opaque(static_cast<char*>(malloc(100)));
  EXPECT_EQ(dbgalloc_describe_address(block + 10), 1);
  EXPECT_EQ(dbgalloc_describe_address(&block), 0);
  free(block);
}

// Said once, since nothing else tells the caller why.
TEST(PoolServices, LeaksAreNotLookedForAndThatIsSaid) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(dbgalloc_check_leaks_now(), 0u);
  EXPECT_EQ(dbgalloc_check_leaks_now(), 0u);
  std::string said = testing::internal::GetCapturedStderr();
  size_t first = said.find("allocator=pool looks for no leaks");
  ASSERT_NE(first, std::string::npos) << said;
  EXPECT_EQ(said.find("looks for no leaks", first + 30), std::string::npos);
}

}  // namespace
