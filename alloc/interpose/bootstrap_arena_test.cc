#include "alloc/interpose/bootstrap_arena.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>
#include <thread>
#include <vector>

namespace dbgalloc::interpose {
namespace {

constinit BootstrapArena arena;

bool IsAligned(const void* block, size_t alignment) {
  return reinterpret_cast<uintptr_t>(block) % alignment == 0;
}

TEST(BootstrapArena, GrantsSixteenBytesOfAlignmentAndWhatIsAskedAboveThat) {
  for (size_t alignment = 1; alignment <= (size_t{1} << 20); alignment *= 2) {
    void* block = arena.Allocate(1, alignment);
    ASSERT_NE(block, nullptr) << alignment;
    EXPECT_TRUE(IsAligned(block, 16)) << alignment;
    EXPECT_TRUE(IsAligned(block, alignment)) << alignment;
    EXPECT_TRUE(arena.Owns(block));
    EXPECT_EQ(arena.UsableSize(block), 1u);
    arena.Free(block);
  }
}

TEST(BootstrapArena, OwnsWhatItGaveAndNothingElse) {
  int on_stack = 0;
  std::vector<char> on_heap(100);
  EXPECT_FALSE(arena.Owns(&on_stack));
  EXPECT_FALSE(arena.Owns(on_heap.data()));
  EXPECT_FALSE(arena.Owns(nullptr));
  EXPECT_FALSE(arena.Owns(reinterpret_cast<void*>(~uintptr_t{0})));
  char* large = static_cast<char*>(arena.Allocate(3 << 20, 0));
  ASSERT_NE(large, nullptr);
  EXPECT_TRUE(arena.Owns(large));
  EXPECT_TRUE(arena.Owns(large + (3 << 20) - 1));
  arena.Free(large);
}

TEST(BootstrapArena, ReusesFreedCells) {
  void* first = arena.Allocate(1000, 0);
  arena.Free(first);
  EXPECT_EQ(arena.Allocate(900, 0), first);
  arena.Free(first);
}

TEST(BootstrapArena, ASecondFreeChangesNothing) {
  void* block = arena.Allocate(2000, 0);
  arena.Free(block);
  arena.Free(block);
  void* one = arena.Allocate(2000, 0);
  void* two = arena.Allocate(2000, 0);
  EXPECT_NE(one, two);
}

TEST(BootstrapArena, RefusesWhatNoAddressSpaceHolds) {
  for (size_t size : {SIZE_MAX, SIZE_MAX - 64, size_t{PTRDIFF_MAX},
                      SIZE_MAX >> 1, (SIZE_MAX >> 2) + 2}) {
    EXPECT_EQ(arena.Allocate(size, 0), nullptr) << size;
  }
  EXPECT_EQ(arena.Allocate(1, (SIZE_MAX >> 1) + 1), nullptr);
  EXPECT_NE(arena.Allocate(1, 0), nullptr);
}

// Blocks of random sizes, each filled with its own number, must never overlap.
TEST(BootstrapArena, KeepsBlocksApart) {
  std::mt19937 random(7);
  std::map<char*, std::pair<size_t, char>> live;
  for (int i = 0; i < 20000; ++i) {
    if (live.size() < 200 && random() % 2 == 0) {
      size_t size = random() % 5000;
      size_t alignment = size_t{1} << (random() % 10);
      char* block = static_cast<char*>(arena.Allocate(size, alignment));
      ASSERT_NE(block, nullptr);
      memset(block, i & 0x7f, size);
      live[block] = {size, static_cast<char>(i & 0x7f)};
    } else if (!live.empty()) {
      auto victim = std::next(live.begin(), random() % live.size());
      auto [size, fill] = victim->second;
      ASSERT_EQ(arena.UsableSize(victim->first), size);
      for (size_t k = 0; k < size; ++k) ASSERT_EQ(victim->first[k], fill);
      arena.Free(victim->first);
      live.erase(victim);
    }
  }
}

TEST(BootstrapArena, ServesThreadsAtOnce) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      std::vector<char*> mine;
      for (int i = 0; i < 5000; ++i) {
        size_t size = 1 + static_cast<size_t>(i * 7 % 700);
        char* block = static_cast<char*>(arena.Allocate(size, 0));
        ASSERT_NE(block, nullptr);
        memset(block, t, size);
        mine.push_back(block);
        if (mine.size() < 20) continue;
        char* oldest = mine[i % mine.size()];
        ASSERT_EQ(oldest[0], t);
        arena.Free(oldest);
        mine.erase(mine.begin() + i % static_cast<int>(mine.size()));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(BootstrapArena, ServesInsideAForkAndAfterIt) {
  void* before = arena.Allocate(48, 0);
  arena.PrepareFork();
  void* during = arena.Allocate(48, 0);
  ASSERT_NE(during, nullptr);
  arena.Free(before);  // its cell is left behind; nothing waits
  arena.FinishForkInChild();
  arena.Free(during);
  EXPECT_EQ(arena.Allocate(48, 0), during);
}

}  // namespace
}  // namespace dbgalloc::interpose
