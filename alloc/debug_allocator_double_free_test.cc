// Frees of what is not a live block: second frees early and late, with all
// three stacks; pointers into blocks, next to them, and to anything else.
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "alloc/debug_allocator_test_support.h"
#include "gtest/gtest.h"

namespace dbgalloc::testing_support {
namespace {

// Each step of a block's life in a function of its own, so that the stacks
// tell them apart. What follows the call keeps it from becoming a jump.
[[gnu::noinline]] void* AllocateStep(DebugAllocator& memory, size_t size,
                                     size_t alignment) {
  void* block = memory.Allocate(size, alignment);
  asm volatile("" ::: "memory");
  return block;
}
[[gnu::noinline]] void FirstFreeStep(DebugAllocator& memory, void* block,
                                     size_t size, size_t alignment) {
  memory.Deallocate(block, size, alignment);
  asm volatile("" ::: "memory");
}
[[gnu::noinline]] void SecondFreeStep(DebugAllocator& memory, void* block,
                                      size_t size, size_t alignment) {
  memory.Deallocate(block, size, alignment);
  asm volatile("" ::: "memory");
}

class DoubleFreeTest : public DebugAllocatorTest {
 protected:
  static void ExpectFunction(const HeapEvent& event, const char* function) {
    EXPECT_TRUE(event.known);
    std::string found = NewestFunction(event.stack);
    EXPECT_NE(found.find(function), std::string::npos)
        << "wanted " << function << ", found:\n"
        << found;
  }

  void ExpectDoubleFree(const ErrorRecord& error, void* block, size_t size,
                        size_t alignment) {
    EXPECT_EQ(error.kind, ErrorKind::kDoubleFree);
    EXPECT_EQ(error.address, AddressOf(block));
    EXPECT_TRUE(error.block.known);
    EXPECT_FALSE(error.block.live);
    EXPECT_EQ(error.block.begin, AddressOf(block));
    EXPECT_EQ(error.block.size, size);
    EXPECT_EQ(error.block.alignment, alignment);
    ExpectFunction(error.block.allocated, "AllocateStep");
    ExpectFunction(error.block.freed, "FirstFreeStep");
    ExpectFunction(error.now, "SecondFreeStep");
    EXPECT_LT(error.block.allocated.number, error.block.freed.number);
    EXPECT_LT(error.block.freed.number, error.now.number);
  }
};

TEST_F(DoubleFreeTest, SmallBlockWithAllThreeStacks) {
  void* block = AllocateStep(allocator(), 24, 8);
  FirstFreeStep(allocator(), block, 24, 8);
  SecondFreeStep(allocator(), block, 24, 8);
  ErrorRecord error = sink_.TakeOnly();
  ExpectDoubleFree(error, block, 24, 8);
  EXPECT_EQ(error.operation, Operation::kFree);
  EXPECT_EQ(allocator().statistics().live_blocks, 0u);
  EXPECT_EQ(allocator().statistics().deallocations, 1u);
}

TEST_F(DoubleFreeTest, EverySizeAndAlignment) {
  for (size_t size : {1, 16, 17, 100, 256, 257, 5000, 32'768, 32'769, 262'144,
                      262'145, 3'000'000}) {
    for (size_t alignment : {1, 8, 16, 64, 4096, 1 << 17}) {
      SCOPED_TRACE(testing::Message() << size << " aligned to " << alignment);
      void* block = AllocateStep(allocator(), size, alignment);
      FirstFreeStep(allocator(), block, size, alignment);
      SecondFreeStep(allocator(), block, size, alignment);
      ExpectDoubleFree(sink_.TakeOnly(), block, size, alignment);
    }
  }
}

// One live neighbour or none, the last block of a span or not: always found.
TEST_F(DoubleFreeTest, WithAndWithoutLiveNeighbours) {
  std::vector<void*> blocks;
  for (int i = 0; i < 5000; ++i) {
    blocks.push_back(AllocateStep(allocator(), 64, 8));
  }
  for (void* block : blocks) FirstFreeStep(allocator(), block, 64, 8);
  for (void* block : blocks) {
    SecondFreeStep(allocator(), block, 64, 8);
    ExpectDoubleFree(sink_.TakeOnly(), block, 64, 8);
    if (HasFailure()) return;
  }
}

TEST_F(DoubleFreeTest, LateAfterTheMemoryIsGone) {
  Options options = BaseOptions();
  options.quarantine_size = 0;
  Make(options);
  void* block = AllocateStep(allocator(), 64, 8);
  FirstFreeStep(allocator(), block, 64, 8);
  for (int i = 0; i < 100'000; ++i) Free(Allocate(64), 64);
  SecondFreeStep(allocator(), block, 64, 8);
  ExpectDoubleFree(sink_.TakeOnly(), block, 64, 8);
}

TEST_F(DoubleFreeTest, LateUnderDefaultOptions) {
  void* block = AllocateStep(allocator(), 64, 8);
  FirstFreeStep(allocator(), block, 64, 8);
  // More than the quarantine holds.
  for (int i = 0; i < 2000; ++i) Free(Allocate(100'000), 100'000);
  for (int i = 0; i < 100'000; ++i) Free(Allocate(1000), 1000);
  SecondFreeStep(allocator(), block, 64, 8);
  ExpectDoubleFree(sink_.TakeOnly(), block, 64, 8);
}

TEST_F(DoubleFreeTest, AfterItsRecordWasForgottenItIsStillRefused) {
  for (bool retains : {false, true}) {
    Options options = BaseOptions();
    options.quarantine_size = 0;
    options.retain_metadata = retains;
    Make(options);
    for (size_t size : {64, 100'000, 1'000'000}) {
      SCOPED_TRACE(size);
      void* block = Allocate(size);
      Free(block, size);
      for (int i = 0; i < 4000; ++i) Free(Allocate(64), 64);
      if (retains) allocator().FlushRetainedMetadata();
      Free(block, size);
      ErrorRecord error = sink_.TakeOnly();
      EXPECT_EQ(error.kind, ErrorKind::kDoubleFree);
      EXPECT_EQ(error.block.known, false);
      EXPECT_EQ(error.address, AddressOf(block));
    }
  }
}

TEST_F(DoubleFreeTest, OldestRecordsGoFirstAboveTheirBound) {
  Options options = BaseOptions();
  options.quarantine_size = 0;
  options.retained_records_size = 200'000;
  Make(options);
  std::vector<void*> blocks;
  for (int i = 0; i < 50'000; ++i) {
    blocks.push_back(Allocate(64));
    Free(blocks.back(), 64);
  }
  Free(blocks.front(), 64);
  EXPECT_FALSE(sink_.TakeOnly().block.known);
  Free(blocks[49'000], 64);
  EXPECT_TRUE(sink_.TakeOnly().block.known);
}

TEST_F(DoubleFreeTest, FlushLeavesLiveBlocksAlone) {
  Options options = BaseOptions();
  options.quarantine_size = 0;
  Make(options);
  void* small = Allocate(64);
  void* large = Allocate(100'000);
  for (int i = 0; i < 10'000; ++i) Free(Allocate(64), 64);
  Free(Allocate(100'000), 100'000);
  allocator().FlushRetainedMetadata();
  memset(small, 1, 64);
  memset(large, 1, 100'000);
  EXPECT_EQ(allocator().statistics().live_blocks, 2u);
  Free(small, 64);
  Free(large, 100'000);
  EXPECT_EQ(Finish(), Verdict::kOk);
}

TEST_F(DoubleFreeTest, ResizeAndRemapOfAFreedBlock) {
  for (size_t size : {24, 100'000}) {
    void* block = AllocateStep(allocator(), size, 8);
    FirstFreeStep(allocator(), block, size, 8);
    EXPECT_FALSE(allocator().Resize(block, size, 8, size + 1));
    ErrorRecord error = sink_.TakeOnly();
    EXPECT_EQ(error.kind, ErrorKind::kDoubleFree);
    EXPECT_EQ(error.operation, Operation::kResize);
    ExpectFunction(error.block.freed, "FirstFreeStep");
    EXPECT_EQ(allocator().Remap(block, size, 8, 200'000), nullptr);
    error = sink_.TakeOnly();
    EXPECT_EQ(error.kind, ErrorKind::kDoubleFree);
    EXPECT_EQ(error.operation, Operation::kRemap);
  }
}

TEST_F(DoubleFreeTest, OfABlockThatMoved) {
  // Addresses are given from high to low: no room to grow where it lies.
  void* next = Allocate(100'000);
  void* block = Allocate(100'000);
  void* moved = allocator().Remap(block, 100'000, 8, 10'000'000);
  ASSERT_NE(moved, nullptr);
  ASSERT_NE(moved, block);
  Free(block, 100'000);
  EXPECT_EQ(sink_.TakeOnly().kind, ErrorKind::kDoubleFree);
  Free(moved, 10'000'000);
  Free(next, 100'000);
}

TEST_F(DoubleFreeTest, NamesTheThreads) {
  void* block = AllocateStep(allocator(), 24, 8);
  std::thread([&] { FirstFreeStep(allocator(), block, 24, 8); }).join();
  SecondFreeStep(allocator(), block, 24, 8);
  ErrorRecord error = sink_.TakeOnly();
  EXPECT_NE(error.block.freed.thread, error.now.thread);
  EXPECT_EQ(error.block.allocated.thread, error.now.thread);
}

TEST_F(DoubleFreeTest, OfTwoThreadsAtOnceExactlyOneWins) {
  constexpr int kRounds = 300;
  for (int round = 0; round < kRounds; ++round) {
    void* block = Allocate(40);
    std::thread other([&] { Free(block, 40); });
    Free(block, 40);
    other.join();
    EXPECT_EQ(sink_.TakeOnly().kind, ErrorKind::kDoubleFree);
  }
  EXPECT_EQ(allocator().statistics().deallocations, uint64_t{kRounds});
  EXPECT_EQ(allocator().statistics().live_blocks, 0u);
}

// --- Pointers that are no block ---------------------------------------------

TEST_F(DoubleFreeTest, InteriorPointersAreNotFreed) {
  for (size_t size : {2, 24, 5000, 100'000, 1'000'000}) {
    unsigned char* block = Bytes(AllocateStep(allocator(), size, 8));
    for (size_t offset : {size_t{1}, size / 2, size - 1}) {
      Free(block + offset, size);
      ErrorRecord error = sink_.TakeOnly();
      EXPECT_EQ(error.kind, ErrorKind::kInteriorFree);
      EXPECT_EQ(error.block.begin, AddressOf(block));
      EXPECT_TRUE(error.block.live);
      ExpectFunction(error.block.allocated, "AllocateStep");
    }
    EXPECT_FALSE(allocator().Resize(block + 1, size, 8, size));
    EXPECT_EQ(sink_.TakeOnly().operation, Operation::kResize);
    Free(block, size);
  }
  EXPECT_EQ(allocator().statistics().live_blocks, 0u);
}

TEST_F(DoubleFreeTest, InteriorPointerOfAFreedBlock) {
  unsigned char* block = Bytes(AllocateStep(allocator(), 100, 8));
  FirstFreeStep(allocator(), block, 100, 8);
  Free(block + 8, 92);
  ErrorRecord error = sink_.TakeOnly();
  EXPECT_EQ(error.kind, ErrorKind::kInteriorFree);
  EXPECT_FALSE(error.block.live);
  ExpectFunction(error.block.freed, "FirstFreeStep");
}

TEST_F(DoubleFreeTest, PointersBesideABlockNameTheNearestOne) {
  unsigned char* block = Bytes(AllocateStep(allocator(), 24, 8));
  for (int offset : {-16, -1, 24, 31}) {
    Free(block + offset, 24);
    ErrorRecord error = sink_.TakeOnly();
    EXPECT_EQ(error.kind, ErrorKind::kInvalidFree) << offset;
    EXPECT_EQ(error.block.begin, AddressOf(block)) << offset;
    ExpectFunction(error.block.allocated, "AllocateStep");
  }
  Free(block, 24);
}

TEST_F(DoubleFreeTest, StraysFartherAwayNameTheNearestBlockToo) {
  unsigned char* first = Bytes(AllocateStep(allocator(), 24, 8));
  unsigned char* large = Bytes(AllocateStep(allocator(), 100'000, 8));
  struct Stray {
    unsigned char* address;
    unsigned char* nearest;
  };
  // In a slot not yet used, behind the span, before and behind a large block.
  for (auto [address, nearest] :
       {Stray{first + 5000, first}, Stray{first + 200'000, first},
        Stray{large - 200, large}, Stray{large + 120'000, large}}) {
    Free(address, 24);
    ErrorRecord error = sink_.TakeOnly();
    EXPECT_EQ(error.kind, ErrorKind::kInvalidFree);
    EXPECT_EQ(error.block.begin, AddressOf(nearest)) << address - nearest;
    ExpectFunction(error.block.allocated, "AllocateStep");
  }
  Free(first, 24);
  Free(large, 100'000);
}

int static_variable;

TEST_F(DoubleFreeTest, ForeignPointersAreInvalid) {
  int local = 0;
  auto heap = std::make_unique<int>();
  // Where the usual addresses of programs end.
  constexpr auto kEndOfUsers = static_cast<uintptr_t>(
      sizeof(uintptr_t) == 8 ? uint64_t{1} << 47 : uint64_t{3} << 30);
  void* strays[] = {&local,
                    &static_variable,
                    heap.get(),
                    reinterpret_cast<void*>(1),
                    reinterpret_cast<void*>(4096),
                    reinterpret_cast<void*>(UINTPTR_MAX),
                    reinterpret_cast<void*>(UINTPTR_MAX - 4096),
                    reinterpret_cast<void*>(UINTPTR_MAX / 2 + 1),
                    reinterpret_cast<void*>(kEndOfUsers),
                    reinterpret_cast<void*>(kEndOfUsers - 1)};
  void* block = Allocate(8);
  for (void* stray : strays) {
    Free(stray, 8);
    EXPECT_EQ(sink_.TakeOnly().kind, ErrorKind::kInvalidFree) << stray;
    EXPECT_FALSE(allocator().Resize(stray, 8, 8, 9));
    EXPECT_EQ(sink_.TakeOnly().kind, ErrorKind::kInvalidFree) << stray;
    EXPECT_EQ(allocator().Remap(stray, 8, 8, 9), nullptr);
    EXPECT_EQ(sink_.TakeOnly().kind, ErrorKind::kInvalidFree) << stray;
    EXPECT_FALSE(allocator().Owns(stray));
  }
  Free(block, 8);
}

TEST_F(DoubleFreeTest, NullIsNoError) { Free(nullptr, 8); }

TEST_F(DoubleFreeTest, BlockOfAnotherInstanceIsInvalidAndStaysLive) {
  RecordingSink other_sink;
  DebugAllocator other;
  other.SetErrorSink(&other_sink);
  for (size_t size : {24, 100'000}) {
    void* block = other.Allocate(size, 8);
    Free(block, size);
    EXPECT_EQ(sink_.TakeOnly().kind, ErrorKind::kInvalidFree);
    EXPECT_EQ(other.statistics().live_blocks, 1u);
    EXPECT_FALSE(allocator().Owns(block));
    EXPECT_TRUE(other.Owns(block));
    other.Deallocate(block, size, 8);
  }
  EXPECT_TRUE(other_sink.errors().empty());
  EXPECT_EQ(other.Finish(), Verdict::kOk);
}

TEST_F(DoubleFreeTest, DescribeTellsOfLiveAndFreedBlocks) {
  unsigned char* block = Bytes(AllocateStep(allocator(), 40, 16));
  BlockDescription found = allocator().Describe(block + 39);
  EXPECT_TRUE(found.live);
  EXPECT_EQ(found.begin, AddressOf(block));
  EXPECT_EQ(found.size, 40u);
  EXPECT_EQ(found.alignment, 16u);
  EXPECT_EQ(found.origin, Origin::kAllocator);
  EXPECT_FALSE(found.freed.known);
  FirstFreeStep(allocator(), block, 40, 16);
  found = allocator().Describe(block);
  EXPECT_TRUE(found.known);
  EXPECT_FALSE(found.live);
  ExpectFunction(found.freed, "FirstFreeStep");
}

}  // namespace
}  // namespace dbgalloc::testing_support
