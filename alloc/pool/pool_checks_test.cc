// What the pool reports, and when.
#include <cstring>
#include <vector>

#include "alloc/pool/pool_heap.h"
#include "alloc/pool/pool_heap_test_support.h"
#include "gtest/gtest.h"

namespace dbgalloc::pool {
namespace {

TEST_F(PoolHeapTest, DoubleFreeStopsAtThatFree) {
  for (size_t size : {size_t{16}, size_t{5000}, kMiB, 2 * kMiB, 600 * kMiB}) {
    void* block = Allocate(size);
    Free(block);
    ASSERT_TRUE(sink_.records.empty());
    Free(block);
    ExpectError(ErrorKind::kDoubleFree);
  }
}

TEST_F(PoolHeapTest, DoubleFreeIsSeenWhereverTheBlockLies) {
  // In the cache, in the spare, in the shared list, in its span.
  std::vector<void*> blocks;
  for (int i = 0; i < 20000; ++i) blocks.push_back(Allocate(64));
  for (void* block : blocks) Free(block);
  ASSERT_TRUE(sink_.records.empty());
  for (void* block : blocks) Free(block);
  EXPECT_EQ(sink_.records.size(), blocks.size());
  for (const ErrorRecord& record : sink_.records) {
    // The memory of a whole span may have gone back already.
    EXPECT_TRUE(record.kind == ErrorKind::kDoubleFree ||
                record.kind == ErrorKind::kInvalidFree);
  }
  sink_.records.clear();
}

TEST_F(PoolHeapTest, PointersThatAreNoBlocks) {
  int on_stack = 0;
  Free(&on_stack);
  ExpectError(ErrorKind::kInvalidFree);
  Free(reinterpret_cast<void*>(~uintptr_t{0} - 8));
  ExpectError(ErrorKind::kInvalidFree);
  char* block = static_cast<char*>(Allocate(100));
  Free(block + 16);
  ExpectError(ErrorKind::kInteriorFree);
  Free(block + 3);
  ExpectError(ErrorKind::kInteriorFree);
  Free(block);
  char* medium = static_cast<char*>(Allocate(5 * kMiB));
  Free(medium + kMiB);
  ExpectError(ErrorKind::kInteriorFree);
  Free(medium + 24);
  ExpectError(ErrorKind::kInteriorFree);
  Free(medium);
  char* large = static_cast<char*>(Allocate(600 * kMiB));
  Free(large + 4096);
  ExpectError(ErrorKind::kInteriorFree);
  Free(large);
  EXPECT_TRUE(sink_.records.empty());
}

TEST_F(PoolHeapTest, FamiliesAndSizesThatDoNotFit) {
  Free(Allocate(40, 0, Maker::kNew), Maker::kMalloc);
  ExpectError(ErrorKind::kFamilyMismatch);
  Free(Allocate(40, 0, Maker::kMalloc), Maker::kNewArray);
  ExpectError(ErrorKind::kFamilyMismatch);
  Free(Allocate(40, 64, Maker::kAlignedNew), Maker::kNew);
  ExpectError(ErrorKind::kAlignmentMismatch);
  FreeSized(Allocate(40, 0, Maker::kNew), 16, Maker::kNew);
  ExpectError(ErrorKind::kSizeMismatch);
  FreeSized(Allocate(4, 0, Maker::kNew), 8, Maker::kNew);
  ExpectError(ErrorKind::kSizeMismatch);
  FreeSized(Allocate(3 * kMiB, 0, Maker::kNew), 2 * kMiB, Maker::kNew);
  ExpectError(ErrorKind::kSizeMismatch);
  FreeSized(Allocate(40, 0, Maker::kNew), 40, Maker::kNew);
  Free(Allocate(40, 64, Maker::kMemalign), Maker::kMalloc);
  EXPECT_TRUE(sink_.records.empty());
}

TEST_F(PoolHeapTest, WritesToFreeBlocksStopTheNextAllocation) {
  void* block = Allocate(64);
  Free(block);
  memset(block, 0x41, 64);
  Allocate(64);
  ExpectError(ErrorKind::kMetadataCorruption);
}

TEST_F(PoolHeapTest, WritesToFreeBlocksAreFoundWhereverTheyLie) {
  std::vector<void*> blocks;
  for (int i = 0; i < 2000; ++i) blocks.push_back(Allocate(64));
  for (void* block : blocks) Free(block);
  for (void* block : blocks) memset(block, 0x41, 8);
  ThreadCache* other = pool_->TakeCache(2);
  PoolRequest request;
  request.size = 64;
  for (int i = 0; i < 200; ++i) {
    EXPECT_NE(pool_->Allocate(*other, request, {}), nullptr);
  }
  ASSERT_FALSE(sink_.records.empty());
  EXPECT_EQ(sink_.records[0].kind, ErrorKind::kMetadataCorruption);
  sink_.records.clear();
}

// What two threads do that free one block at the same moment, step by step:
// both have seen that it is live.
TEST_F(PoolHeapTest, TwoSimultaneousFreesAreFoundBeforeReuse) {
  ThreadCache* other = pool_->TakeCache(2);
  uintptr_t block = reinterpret_cast<uintptr_t>(Allocate(64));
  SizeClass size_class = ClassOf(64);
  pool_->small().Spill(*cache_, size_class);
  pool_->small().Spill(*other, size_class);
  cache_->Push(block, StateOf(block, size_class), size_class);
  other->Push(block, StateOf(block, size_class), size_class);
  // One of the two may hand it out; the other finds it.
  PoolRequest request;
  request.size = 64;
  void* first = pool_->Allocate(*cache_, request, {});
  ASSERT_EQ(sink_.records.size(), 1u);
  EXPECT_EQ(sink_.records[0].kind, ErrorKind::kDoubleFree);
  EXPECT_NE(first, reinterpret_cast<void*>(block));
  sink_.records.clear();
  EXPECT_EQ(pool_->Allocate(*other, request, {}),
            reinterpret_cast<void*>(block));
}

TEST_F(PoolHeapTest, TwoSimultaneousFreesAreFoundAtASplice) {
  ThreadCache* other = pool_->TakeCache(2);
  uintptr_t block = reinterpret_cast<uintptr_t>(Allocate(64));
  SizeClass size_class = ClassOf(64);
  pool_->small().Spill(*other, size_class);
  cache_->Push(block, StateOf(block, size_class), size_class);
  other->Push(block, StateOf(block, size_class), size_class);
  EXPECT_EQ(pool_->small().Flush(*other).flaw, Flaw::kNone);
  EXPECT_EQ(pool_->small().Flush(*cache_).flaw, Flaw::kNotFree);
}

class NotingPoolTest : public PoolHeapTest {
 protected:
  void SetUp() override {
    Options options;
    options.pool_checks = 2;
    options.stack_trace_frames = 8;
    PoolHost host;
    host.sink = &sink_;
    host.current_thread = [] { return 7u; };
    host.record_stack = [](const CallerFrame& caller, uint32_t) {
      return static_cast<uint32_t>(caller.program_counter);
    };
    pool_ = PoolHeap::Create(options, host);
    ASSERT_FALSE(pool_->is_fast());
    cache_ = pool_->TakeCache(1);
  }
  static CallerFrame At(uintptr_t place) { return {place, 0, 0}; }
};

TEST_F(NotingPoolTest, ADoubleFreeHasThreeStacks) {
  for (size_t size : {size_t{40}, 3 * kMiB, 600 * kMiB}) {
    PoolRequest request;
    request.size = size;
    void* block = pool_->Allocate(*cache_, request, At(11));
    pool_->Free(*cache_, block, {}, At(12));
    pool_->Free(*cache_, block, {}, At(13));
    ASSERT_EQ(sink_.records.size(), 1u);
    const ErrorRecord& record = sink_.records[0];
    EXPECT_EQ(record.kind, ErrorKind::kDoubleFree);
    EXPECT_EQ(record.block.size, size);
    EXPECT_EQ(record.block.allocated.stack, 11u);
    EXPECT_EQ(record.block.freed.stack, 12u);
    EXPECT_EQ(record.now.stack, 13u);
    EXPECT_EQ(record.block.freed.thread, 7u);
    EXPECT_LT(record.block.freed.number, record.now.number);
    sink_.records.clear();
  }
}

TEST_F(NotingPoolTest, SizesAreRightToTheByte) {
  // The same class and the same low bits.
  FreeSized(Allocate(1000, 0, Maker::kNew), 968, Maker::kNew);
  ExpectError(ErrorKind::kSizeMismatch);
  FreeSized(Allocate(1000, 0, Maker::kNew), 1000, Maker::kNew);
  EXPECT_TRUE(sink_.records.empty());
}

TEST_F(NotingPoolTest, WritesAnywhereIntoFreeBlocksAreFound) {
  char* block = static_cast<char*>(Allocate(100));
  Free(block);
  block[50] = 1;
  EXPECT_EQ(Allocate(100), block);
  ASSERT_EQ(sink_.records.size(), 1u);
  EXPECT_EQ(sink_.records[0].kind, ErrorKind::kWriteAfterFree);
  EXPECT_EQ(sink_.records[0].damage.begin,
            reinterpret_cast<uintptr_t>(block) + 50);
  EXPECT_EQ(sink_.records[0].damage.size, 1u);
  sink_.records.clear();
}

TEST_F(NotingPoolTest, MemoryThatChangesItsClassIsNotMistakenForDamage) {
  std::vector<void*> blocks;
  for (int turn = 0; turn < 4; ++turn) {
    for (int i = 0; i < 4000; ++i) blocks.push_back(Allocate(48 + 80 * turn));
    for (void* block : blocks) Free(block);
    blocks.clear();
    pool_->ReleaseFreeMemory(*cache_, {});
  }
  EXPECT_TRUE(sink_.records.empty());
}

TEST_F(PoolHeapTest, ChecksOffReportNothingAndDoNoHarm) {
  Options options;
  options.pool_checks = 0;
  PoolHost host;
  host.sink = &sink_;
  PoolHeap* quiet = PoolHeap::Create(options, host);
  ThreadCache* cache = quiet->TakeCache(1);
  PoolRequest request;
  request.size = 64;
  void* block = quiet->Allocate(*cache, request, {});
  quiet->Free(*cache, block, {}, {});
  quiet->Free(*cache, block, {}, {});
  int local = 0;
  quiet->Free(*cache, &local, {}, {});
  void* first = quiet->Allocate(*cache, request, {});
  void* second = quiet->Allocate(*cache, request, {});
  EXPECT_NE(first, second);
  EXPECT_TRUE(sink_.records.empty());
  PoolHeap::Destroy(quiet);
}

}  // namespace
}  // namespace dbgalloc::pool
