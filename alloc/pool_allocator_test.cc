#include "dbgalloc/pool_allocator.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "dbgalloc/memory_resource.h"
#include "dbgalloc/pool_stl_allocator.h"
#include "dbgalloc/stl_allocator.h"
#include "gtest/gtest.h"

namespace dbgalloc {
namespace {

constexpr size_t kMiB = size_t{1} << 20;
constexpr size_t kGiB = size_t{1} << 30;

class RecordingSink final : public ErrorSink {
 public:
  void OnError(const ErrorRecord& record) override {
    kinds.push_back(record.kind);
  }
  void OnLeaks(const LeakReport& report) override { leaked = report.blocks; }
  std::vector<ErrorKind> kinds;
  uint64_t leaked = 0;
};

uint64_t LiveBlocks(const PoolAllocator& pool) {
  uint64_t live = 0;
  for (const PoolTierStatistics& tier : pool.statistics().tiers) {
    live += tier.live_blocks;
  }
  return live;
}

void TouchEnds(void* block, size_t size) {
  static_cast<volatile char*>(block)[0] = 1;
  static_cast<volatile char*>(block)[size - 1] = 2;
}

TEST(PoolAllocator, ManyPoolsStandSideBySide) {
  std::vector<std::unique_ptr<PoolAllocator>> pools;
  std::vector<void*> blocks;
  for (int i = 0; i < 40; ++i) {  // more than a thread remembers at once
    pools.push_back(std::make_unique<PoolAllocator>());
    blocks.push_back(pools.back()->Allocate(100, 8));
    memset(blocks.back(), i, 100);
  }
  for (int i = 0; i < 40; ++i) {
    EXPECT_TRUE(pools[i]->Owns(blocks[i]));
    EXPECT_FALSE(pools[(i + 1) % 40]->Owns(blocks[i]));
    EXPECT_EQ(*static_cast<char*>(blocks[i]), i);
    pools[i]->Deallocate(blocks[i], 100, 8);
    EXPECT_EQ(LiveBlocks(*pools[i]), 0u);
  }
}

TEST(PoolAllocator, ABlockOfAnotherPoolIsForeign) {
  RecordingSink sink;
  PoolAllocator mine, other;
  mine.SetErrorSink(sink);
  void* block = other.Allocate(100, 8);
  mine.Deallocate(block, 100, 8);
  ASSERT_EQ(sink.kinds.size(), 1u);
  EXPECT_EQ(sink.kinds[0], ErrorKind::kInvalidFree);
}

TEST(PoolAllocator, WrongSizeAndDoubleFreeAreReported) {
  RecordingSink sink;
  PoolAllocator pool;
  pool.SetErrorSink(sink);
  void* block = pool.Allocate(24, 8);
  pool.Deallocate(block, 20, 8);
  pool.Deallocate(block, 24, 8);
  ASSERT_EQ(sink.kinds.size(), 2u);
  EXPECT_EQ(sink.kinds[0], ErrorKind::kSizeMismatch);
  EXPECT_EQ(sink.kinds[1], ErrorKind::kDoubleFree);
  EXPECT_EQ(pool.statistics().errors, 2u);
}

TEST(PoolAllocator, LiveBlocksAreCountedByTierAndReported) {
  RecordingSink sink;
  PoolAllocator pool;
  pool.SetErrorSink(sink);
  EXPECT_EQ(pool.DetectLeaks(), 0u);
  pool.Allocate(24, 8);
  pool.Allocate(3 * kMiB, 8);
  EXPECT_EQ(pool.DetectLeaks(), 2u);
  EXPECT_EQ(sink.leaked, 2u);
  EXPECT_EQ(pool.statistics().of(PoolTier::kSmall).live_blocks, 1u);
  EXPECT_EQ(pool.statistics().of(PoolTier::kMedium).live_blocks, 1u);
  EXPECT_STREQ(PoolTierName(PoolTier::kMedium), "medium");
}

TEST(PoolAllocator, EightGibibytesThrowingAndNot) {
  PoolAllocator pool;
  for (bool throws : {true, false}) {
    std::vector<void*> blocks;
    for (int i = 0; i < 8; ++i) {
      void* block =
          throws ? pool.AllocateOrThrow(kGiB) : pool.Allocate(kGiB, 16);
      ASSERT_NE(block, nullptr);
      TouchEnds(block, kGiB);
      blocks.push_back(block);
    }
    for (void* block : blocks) pool.Deallocate(block, kGiB, 16);
  }
  void* whole = pool.Allocate(8 * kGiB, 16);
  ASSERT_NE(whole, nullptr);
  TouchEnds(whole, 8 * kGiB);
  pool.Deallocate(whole, 8 * kGiB, 16);
  EXPECT_EQ(LiveBlocks(pool), 0u);
  EXPECT_THROW(pool.AllocateOrThrow(SIZE_MAX / 2), std::bad_alloc);
  EXPECT_EQ(pool.Allocate(SIZE_MAX / 2, 16), nullptr);
  EXPECT_EQ(pool.Allocate(SIZE_MAX - 10, 16), nullptr);
}

struct Held {
  void* block;
  size_t size;
  size_t alignment;
};

TEST(PoolAllocator, MixedBlocksAtSixAlignmentsHalfFreedAndRefilled) {
  PoolAllocator pool;
  std::mt19937 random(5);
  std::vector<Held> held;
  const size_t alignments[] = {1, 8, 16, 64, 1024, 4096};
  auto take = [&] {
    Held one{nullptr, 1 + random() % 70000, alignments[random() % 6]};
    one.block = pool.Allocate(one.size, one.alignment);
    ASSERT_NE(one.block, nullptr);
    ASSERT_EQ(reinterpret_cast<uintptr_t>(one.block) % one.alignment, 0u);
    TouchEnds(one.block, one.size);
    held.push_back(one);
  };
  for (int i = 0; i < 1200; ++i) take();
  for (int i = 0; i < 600; ++i) {
    pool.Deallocate(held[i].block, held[i].size, held[i].alignment);
  }
  held.erase(held.begin(), held.begin() + 600);
  for (int i = 0; i < 600; ++i) take();
  for (const Held& one : held) {
    pool.Deallocate(one.block, one.size, one.alignment);
  }
  EXPECT_EQ(LiveBlocks(pool), 0u);
}

TEST(PoolAllocator, AHundredLargeBlocksHalfFreedAndRefilled) {
  PoolAllocator pool;
  std::mt19937_64 random(6);
  std::vector<Held> held;
  auto take = [&] {
    Held one{nullptr, kMiB + random() % (kGiB - kMiB), 16};
    one.block = pool.Allocate(one.size, one.alignment);
    ASSERT_NE(one.block, nullptr);
    TouchEnds(one.block, one.size);
    held.push_back(one);
  };
  for (int i = 0; i < 100; ++i) take();
  for (int i = 0; i < 50; ++i) pool.Deallocate(held[i].block, held[i].size, 16);
  held.erase(held.begin(), held.begin() + 50);
  for (int i = 0; i < 50; ++i) take();
  for (const Held& one : held) pool.Deallocate(one.block, one.size, 16);
  EXPECT_EQ(LiveBlocks(pool), 0u);
}

TEST(PoolAllocator, FirstAndLastByte) {
  PoolAllocator pool;
  for (Held one : {Held{nullptr, 64, 1}, Held{nullptr, 256 * kMiB, 1},
                   Held{nullptr, 1024, 64}}) {
    one.block = pool.Allocate(one.size, one.alignment);
    TouchEnds(one.block, one.size);
    EXPECT_EQ(static_cast<char*>(one.block)[0], 1);
    EXPECT_EQ(static_cast<char*>(one.block)[one.size - 1], 2);
    pool.Deallocate(one.block, one.size, one.alignment);
  }
}

TEST(PoolAllocator, ReleaseGivesMemoryBack) {
  PoolAllocator pool;
  std::vector<void*> blocks;
  for (int i = 0; i < 100000; ++i) blocks.push_back(pool.Allocate(100, 8));
  for (void* block : blocks) pool.Deallocate(block, 100, 8);
  void* medium = pool.Allocate(64 * kMiB, 8);
  memset(medium, 1, 64 * kMiB);
  pool.Deallocate(medium, 64 * kMiB, 8);
  EXPECT_GT(pool.ReleaseFreeMemory(), 70 * kMiB);
  EXPECT_EQ(pool.statistics().cached_blocks, 0u);
}

// The keeper's thread does it; nobody else calls.
TEST(PoolAllocator, FreeMemoryGoesBackAfterTheInterval) {
  Options options;
  options.release_interval_ms = 20;
  PoolAllocator pool(options);
  void* block = pool.Allocate(64 * kMiB, 8);
  memset(block, 1, 64 * kMiB);
  pool.Deallocate(block, 64 * kMiB, 8);
  unsigned char resident = 1;
  for (int i = 0; i < 2000 && resident != 0; ++i) {
    usleep(10000);
    ASSERT_EQ(mincore(block, 1, &resident), 0);
    resident &= 1;
  }
  EXPECT_EQ(resident, 0);
}

TEST(PoolAllocator, ThreadsThatComeAndGoLoseNothing) {
  PoolAllocator pool;
  uint64_t reserved = 0;
  for (int i = 0; i < 3000; ++i) {
    std::thread([&pool] {
      void* blocks[20];
      for (void*& block : blocks) block = pool.Allocate(1000, 8);
      for (void* block : blocks) pool.Deallocate(block, 1000, 8);
    }).join();
    if (i == 10) reserved = pool.statistics().reserved_bytes;
  }
  EXPECT_EQ(LiveBlocks(pool), 0u);
  EXPECT_EQ(pool.statistics().reserved_bytes, reserved);
}

TEST(PoolAllocator, BlocksMayBeFreedByOtherThreads) {
  PoolAllocator pool;
  constexpr int kBlocks = 200000;
  std::atomic<void*> slots[256] = {};
  std::thread producer([&] {
    for (int i = 0; i < kBlocks; ++i) {
      void* block = pool.Allocate(64, 8);
      *static_cast<int*>(block) = i;
      void* empty = nullptr;
      while (!slots[i % 256].compare_exchange_weak(empty, block)) {
        empty = nullptr;
        std::this_thread::yield();
      }
    }
  });
  for (int i = 0; i < kBlocks; ++i) {
    void* block = nullptr;
    while ((block = slots[i % 256].exchange(nullptr)) == nullptr) {
      std::this_thread::yield();
    }
    ASSERT_EQ(*static_cast<int*>(block), i);
    pool.Deallocate(block, 64, 8);
  }
  producer.join();
  EXPECT_EQ(LiveBlocks(pool), 0u);
}

TEST(PoolAllocator, AForkedChildGoesOn) {
  PoolAllocator pool;
  std::atomic<bool> stop{false};
  std::thread busy([&] {
    while (!stop) pool.Deallocate(pool.Allocate(64, 8), 64, 8);
  });
  for (int i = 0; i < 20; ++i) {
    void* mine = pool.Allocate(500, 8);
    pid_t child = fork();
    if (child == 0) {
      pool.Deallocate(mine, 500, 8);
      for (int j = 0; j < 1000; ++j) {
        pool.Deallocate(pool.Allocate(64, 8), 64, 8);
      }
      _exit(0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    pool.Deallocate(mine, 500, 8);
  }
  stop = true;
  busy.join();
}

TEST(PoolAllocator, ResizeAndRemapKeepTheBooks) {
  PoolAllocator pool;
  void* block = pool.Allocate(100, 8);
  EXPECT_TRUE(pool.Resize(block, 100, 8, 110));
  EXPECT_FALSE(pool.Resize(block, 110, 8, 200));
  pool.Deallocate(block, 110, 8);
  char* medium = static_cast<char*>(pool.Allocate(3 * kMiB, 8));
  medium[3 * kMiB - 1] = 7;
  char* moved = static_cast<char*>(pool.Remap(medium, 3 * kMiB, 8, 100 * kMiB));
  ASSERT_NE(moved, nullptr);
  EXPECT_EQ(moved[3 * kMiB - 1], 7);
  pool.Deallocate(moved, 100 * kMiB, 8);
  EXPECT_EQ(LiveBlocks(pool), 0u);
  EXPECT_EQ(pool.statistics().errors, 0u);
}

TEST(PoolStlAllocator, AlignmentCanBeSetAndAWrongOneIsRefused) {
  PoolAllocator pool;
  PoolStlAllocator<float> memory(pool);
  EXPECT_TRUE(memory.SetAlignment(256));
  EXPECT_FALSE(memory.SetAlignment(0));
  EXPECT_FALSE(memory.SetAlignment(48));
  EXPECT_EQ(memory.alignment(), 256u);
  float* numbers = memory.allocate(10);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(numbers) % 256, 0u);
  EXPECT_TRUE(memory.SetAlignment(16));
  memory.deallocate(numbers, 10);
  EXPECT_EQ(LiveBlocks(pool), 0u);
  EXPECT_EQ(pool.statistics().errors, 0u);
}

TEST(PoolStlAllocator, NothrowModeIsNull) {
  PoolAllocator pool;
  PoolStlAllocator<char> memory(pool);
  EXPECT_THROW(memory.allocate(SIZE_MAX), std::bad_alloc);
  memory.SetNothrow(true);
  EXPECT_EQ(memory.allocate(SIZE_MAX), nullptr);
}

TEST(PoolStlAllocator, ContainersOfEveryKind) {
  PoolAllocator pool;
  PoolStlAllocator<int> aligned(pool);
  aligned.SetAlignment(64);
  {
    std::vector<int, PoolStlAllocator<int>> numbers(aligned);
    for (int i = 0; i < 10000; ++i) numbers.push_back(i);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(numbers.data()) % 64, 0u);
    std::vector<int, StlAllocator<int>> plain(pool);
    plain.assign(1000, 5);
    MemoryResource resource(pool);
    std::pmr::vector<int> polymorphic(&resource);
    polymorphic.resize(1000);
  }
  EXPECT_EQ(LiveBlocks(pool), 0u);
  EXPECT_EQ(pool.statistics().errors, 0u);
}

}  // namespace
}  // namespace dbgalloc
