// Random operations of many threads on one pool, against what each thread knows
// of its blocks: contents, alignment, no overlap, exact counters at the end.
//
//   DBGALLOC_FUZZ_OPERATIONS=100000000   the nightly form (default 10^6)
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

#include "dbgalloc/pool_allocator.h"
#include "gtest/gtest.h"

namespace dbgalloc {
namespace {

// Live bytes of all threads that fuzzing may hold, as asked for.
constexpr uint64_t kMostBytes = uint64_t{24} << 30;

struct Block {
  unsigned char* begin = nullptr;
  size_t size = 0;
  size_t alignment = 1;
  unsigned char pattern = 0;
};

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u + 1) {}
  uint64_t Next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }
  uint64_t Below(uint64_t limit) { return Next() % limit; }
  // 1 byte to 2 GiB, small ones far more often.
  size_t Size() {
    uint64_t kind = Below(100000);
    unsigned most = kind < 90000   ? 10
                    : kind < 99000 ? 16
                    : kind < 99950 ? 22
                                   : 31;
    return 1 + Below(uint64_t{1} << Below(most + 1));
  }
  size_t Alignment() { return size_t{1} << Below(Below(20) == 0 ? 21 : 7); }

 private:
  uint64_t state_;
};

// Blocks on their way to another thread.
class Exchange {
 public:
  void Put(const Block& block) {
    std::lock_guard<std::mutex> hold(mutex_);
    blocks_.push_back(block);
  }
  bool Take(Block* block) {
    std::lock_guard<std::mutex> hold(mutex_);
    if (blocks_.empty()) return false;
    *block = blocks_.back();
    blocks_.pop_back();
    return true;
  }

 private:
  std::mutex mutex_;
  std::vector<Block> blocks_;
};

class Player {
 public:
  Player(PoolAllocator& pool, Exchange& exchange, std::atomic<uint64_t>& bytes,
         uint64_t seed)
      : pool_(pool), exchange_(exchange), bytes_(bytes), random_(seed) {}

  void Play(uint64_t operations) {
    for (uint64_t i = 0; i < operations; ++i) Step();
    // A dying thread leaves its blocks to the others.
    for (const Block& block : blocks_) exchange_.Put(block);
  }

  void FreeAll() {
    for (Block block; exchange_.Take(&block);) Free(block);
  }

 private:
  // Large ones at both ends, small ones whole.
  static void Fill(const Block& block) {
    size_t edge = block.size < 256 ? block.size : 64;
    memset(block.begin, block.pattern, edge);
    memset(block.begin + block.size - edge, block.pattern, edge);
  }
  static void Verify(const Block& block, size_t size) {
    size_t edge = size < 256 ? size : 64;
    for (size_t i = 0; i < edge; ++i) ASSERT_EQ(block.begin[i], block.pattern);
    if (size != block.size) return;
    for (size_t i = size - edge; i < size; ++i) {
      ASSERT_EQ(block.begin[i], block.pattern);
    }
  }

  void Step() {
    uint64_t choice = random_.Below(100);
    if (choice < 45 || blocks_.empty()) return Allocate();
    if (choice < 85) return Free(TakeOne());
    if (choice < 90) return exchange_.Put(TakeOne());
    if (choice < 95) {
      Block block;
      if (exchange_.Take(&block)) Free(block);
      return;
    }
    Change();
  }

  Block TakeOne() {
    size_t chosen = random_.Below(blocks_.size());
    Block block = blocks_[chosen];
    blocks_[chosen] = blocks_.back();
    blocks_.pop_back();
    return block;
  }

  void Allocate() {
    Block block;
    block.size = random_.Size();
    block.alignment = random_.Alignment();
    block.pattern = static_cast<unsigned char>(random_.Next());
    if (bytes_.fetch_add(block.size) > kMostBytes || blocks_.size() > 2000) {
      bytes_.fetch_sub(block.size);
      return;
    }
    block.begin = static_cast<unsigned char*>(
        pool_.Allocate(block.size, block.alignment));
    ASSERT_NE(block.begin, nullptr) << block.size;
    ASSERT_EQ(reinterpret_cast<uintptr_t>(block.begin) % block.alignment, 0u);
    Fill(block);
    blocks_.push_back(block);
  }

  void Free(const Block& block) {
    Verify(block, block.size);
    pool_.Deallocate(block.begin, block.size, block.alignment);
    bytes_.fetch_sub(block.size);
  }

  void Change() {
    Block block = TakeOne();
    size_t new_size = random_.Below(2) == 0 ? block.size / 2 + 1
                                            : block.size + block.size / 4 + 1;
    void* moved =
        pool_.Remap(block.begin, block.size, block.alignment, new_size);
    if (moved != nullptr) {
      size_t kept = block.size < new_size ? block.size : new_size;
      bytes_.fetch_add(new_size - block.size);
      block.begin = static_cast<unsigned char*>(moved);
      block.size = new_size;
      // What was written at the front is there still.
      for (size_t i = 0; i < 32 && i < kept; ++i) {
        ASSERT_EQ(block.begin[i], block.pattern);
      }
      Fill(block);
    }
    blocks_.push_back(block);
  }

  PoolAllocator& pool_;
  Exchange& exchange_;
  std::atomic<uint64_t>& bytes_;
  Random random_;
  std::vector<Block> blocks_;
};

uint64_t Operations() {
  const char* text = getenv("DBGALLOC_FUZZ_OPERATIONS");
  return text == nullptr ? 1000000 : strtoull(text, nullptr, 10);
}

class PoolFuzz : public testing::TestWithParam<unsigned> {};

TEST_P(PoolFuzz, NothingIsLostDoubledOrMixedUp) {
  const unsigned threads = GetParam();
  // Threads die and others come.
  constexpr unsigned kGenerations = 4;
  const uint64_t share = Operations() / 4 / (threads * kGenerations);
  PoolAllocator pool;
  Exchange exchange;
  std::atomic<uint64_t> bytes{0};
  for (unsigned generation = 0; generation < kGenerations; ++generation) {
    std::vector<std::thread> running;
    for (unsigned i = 0; i < threads; ++i) {
      running.emplace_back([&, seed = generation * 100 + i + threads] {
        Player(pool, exchange, bytes, seed).Play(share);
      });
    }
    for (std::thread& thread : running) thread.join();
  }
  Player(pool, exchange, bytes, 1).FreeAll();
  EXPECT_EQ(bytes.load(), 0u);
  PoolAllocatorStatistics left = pool.statistics();
  for (const PoolTierStatistics& tier : left.tiers) {
    EXPECT_EQ(tier.live_blocks, 0u);
    EXPECT_EQ(tier.live_bytes, 0u);
    EXPECT_EQ(tier.allocations, tier.deallocations);
  }
  EXPECT_EQ(left.errors, 0u);
  // A block that lies in no list keeps its span for ever.
  pool.ReleaseFreeMemory();
  EXPECT_EQ(pool.statistics().spans, 0u);
}

INSTANTIATE_TEST_SUITE_P(Threads, PoolFuzz, testing::Values(1, 2, 5, 16));

}  // namespace
}  // namespace dbgalloc
