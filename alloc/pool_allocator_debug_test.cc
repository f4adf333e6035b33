// A program's own arena and its own pool of cells, both on a PoolAllocator:
// with debug_pools=1 and safety=1 the bugs that such things hide come to light.
#include <cstring>
#include <thread>
#include <vector>

#include "dbgalloc/pool_allocator.h"
#include "gtest/gtest.h"

namespace dbgalloc {
namespace {

class RecordingSink final : public ErrorSink {
 public:
  void OnError(const ErrorRecord& record) override {
    kinds.push_back(record.kind);
    last = record;
  }
  void OnLeaks(const LeakReport& report) override { leaked = report.blocks; }
  std::vector<ErrorKind> kinds;
  ErrorRecord last;
  uint64_t leaked = 0;
};

Options CheckedOptions() {
  Options options;
  options.debug_pools = true;
  options.guard = GuardChoice::kNone;
  return options;
}

// Cells of one size, carved from slabs that hold many and linked when free:
// what programs write for speed. Where the pool checks blocks each cell is a
// block.
class CellPool {
 public:
  CellPool(PoolAllocator& pool, size_t cell) : pool_(pool), cell_(cell) {}
  ~CellPool() {
    for (void* slab : slabs_) pool_.Deallocate(slab, SlabSize(), 16);
  }

  void* Take() {
    if (pool_.checks_blocks()) return pool_.Allocate(cell_, 16);
    if (free_ == nullptr) AddSlab();
    void* cell = free_;
    free_ = *static_cast<void**>(cell);
    return cell;
  }
  void GiveBack(void* cell) {
    if (pool_.checks_blocks()) return pool_.Deallocate(cell, cell_, 16);
    *static_cast<void**>(cell) = free_;
    free_ = cell;
  }

 private:
  static constexpr size_t kCells = 64;
  size_t SlabSize() const { return kCells * cell_; }

  void AddSlab() {
    slabs_.push_back(pool_.Allocate(SlabSize(), 16));
    char* slab = static_cast<char*>(slabs_.back());
    for (size_t i = 0; i < kCells; ++i) GiveBack(slab + i * cell_);
  }

  PoolAllocator& pool_;
  size_t cell_;
  void* free_ = nullptr;
  std::vector<void*> slabs_;
};

// Memory that goes back all at once.
class Arena {
 public:
  explicit Arena(PoolAllocator& pool) : pool_(pool) {}
  ~Arena() { Reset(); }

  void* Take(size_t size) {
    size = (size + 15) & ~size_t{15};
    if (pool_.checks_blocks()) return Own(size);
    if (blocks_.empty() || used_ + size > kSlab) {
      Own(kSlab);
      used_ = 0;
    }
    char* at = static_cast<char*>(blocks_.back().first) + used_;
    used_ += size;
    return at;
  }
  void Reset() {
    for (auto [block, size] : blocks_) pool_.Deallocate(block, size, 16);
    blocks_.clear();
  }

 private:
  static constexpr size_t kSlab = 64 << 10;

  void* Own(size_t size) {
    blocks_.emplace_back(pool_.Allocate(size, 16), size);
    return blocks_.back().first;
  }

  PoolAllocator& pool_;
  size_t used_ = 0;
  std::vector<std::pair<void*, size_t>> blocks_;
};

class CheckedPoolTest : public testing::Test {
 protected:
  CheckedPoolTest() : pool_(CheckedOptions()) { pool_.SetErrorSink(sink_); }

  RecordingSink sink_;
  PoolAllocator pool_;
};

TEST_F(CheckedPoolTest, ACellGivenBackTwiceHasThreeStacks) {
  ASSERT_TRUE(pool_.checks_blocks());
  CellPool cells(pool_, 48);
  void* cell = cells.Take();
  cells.GiveBack(cell);
  cells.GiveBack(cell);
  ASSERT_EQ(sink_.kinds, std::vector<ErrorKind>{ErrorKind::kDoubleFree});
  EXPECT_EQ(sink_.last.block.size, 48u);
  EXPECT_NE(sink_.last.block.allocated.stack, 0u);
  EXPECT_NE(sink_.last.block.freed.stack, 0u);
  EXPECT_NE(sink_.last.now.stack, 0u);
}

TEST_F(CheckedPoolTest, AWriteBeyondACellIsFound) {
  CellPool cells(pool_, 48);
  char* cell = static_cast<char*>(cells.Take());
  cell[48] = 1;
  cells.GiveBack(cell);
  ASSERT_EQ(sink_.kinds,
            std::vector<ErrorKind>{ErrorKind::kHeapBufferOverflow});
}

TEST_F(CheckedPoolTest, AWriteToACellGivenBackIsFound) {
  CellPool cells(pool_, 48);
  char* cell = static_cast<char*>(cells.Take());
  cells.GiveBack(cell);
  cell[20] = 1;
  EXPECT_EQ(pool_.CheckBlocks(), 1u);
  EXPECT_EQ(sink_.kinds, std::vector<ErrorKind>{ErrorKind::kWriteAfterFree});
  cell[20] = static_cast<char>(0xdd);
}

TEST_F(CheckedPoolTest, AWriteToAnArenaThatWasResetIsFound) {
  Arena arena(pool_);
  char* text = static_cast<char*>(arena.Take(100));
  arena.Reset();
  text[0] = 1;
  EXPECT_EQ(pool_.CheckBlocks(), 1u);
  EXPECT_EQ(sink_.kinds, std::vector<ErrorKind>{ErrorKind::kWriteAfterFree});
}

TEST(CheckedPool, ItsEndVerifiesWhatLives) {
  RecordingSink sink;
  {
    PoolAllocator pool(CheckedOptions());
    pool.SetErrorSink(sink);
    static_cast<char*>(pool.Allocate(100, 16))[100] = 1;
  }
  EXPECT_EQ(sink.kinds, std::vector<ErrorKind>{ErrorKind::kHeapBufferOverflow});
}

TEST_F(CheckedPoolTest, BlocksAreCountedByTheirTiers) {
  void* small = pool_.Allocate(100, 8);
  void* medium = pool_.Allocate(3 << 20, 8);
  PoolAllocatorStatistics known = pool_.statistics();
  EXPECT_EQ(known.of(PoolTier::kSmall).live_bytes, 100u);
  EXPECT_EQ(known.of(PoolTier::kMedium).live_bytes, 3u << 20);
  size_t seen = 0;
  pool_.ForEachBlock(
      [](void* count, const PoolBlock&) { ++*static_cast<size_t*>(count); },
      &seen);
  EXPECT_EQ(seen, 2u);
  EXPECT_EQ(pool_.DetectLeaks(), 2u);
  EXPECT_EQ(sink_.leaked, 2u);
  pool_.Release(small);
  pool_.Deallocate(medium, 3 << 20, 8);
  known = pool_.statistics();
  EXPECT_EQ(known.of(PoolTier::kSmall).live_blocks, 0u);
  EXPECT_EQ(known.of(PoolTier::kMedium).live_blocks, 0u);
  EXPECT_TRUE(sink_.kinds.empty());
}

TEST_F(CheckedPoolTest, ThreadsShareIt) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      Arena arena(pool_);
      for (int round = 0; round < 20; ++round) {
        for (size_t size = 1; size < 3000; size += 37) {
          memset(arena.Take(size), 1, size);
        }
        arena.Reset();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(pool_.CheckBlocks(), 0u);
  EXPECT_TRUE(sink_.kinds.empty());
}

// The same arena and cells at full speed; the overflow is theirs to hide.
TEST(UncheckedPool, SafetyOffMeansThePoolAlone) {
  Options options = CheckedOptions();
  options.safety = false;
  PoolAllocator pool(options);
  EXPECT_FALSE(pool.checks_blocks());
  CellPool cells(pool, 48);
  Arena arena(pool);
  memset(arena.Take(100), 1, 100);
  char* cell = static_cast<char*>(cells.Take());
  cells.GiveBack(cell);
  EXPECT_EQ(cells.Take(), cell);
  EXPECT_EQ(pool.CheckBlocks(), 0u);
}

}  // namespace
}  // namespace dbgalloc
