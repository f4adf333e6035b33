// What becomes of freed memory: fills, late writes, the quarantine, and what
// is kept when the memory is gone.
#include <algorithm>
#include <csetjmp>
#include <csignal>
#include <cstring>
#include <vector>

#include "alloc/debug_allocator_test_support.h"
#include "dbgalloc/page_allocator.h"
#include "gtest/gtest.h"

namespace dbgalloc::testing_support {
namespace {

class FreedMemoryTest : public DebugAllocatorTest {
 protected:
  void ExpectLateWrite(const ErrorRecord& error, const unsigned char* block,
                       const unsigned char* begin, size_t size) {
    EXPECT_EQ(error.kind, ErrorKind::kWriteAfterFree);
    EXPECT_EQ(error.block.begin, AddressOf(block));
    EXPECT_FALSE(error.block.live);
    EXPECT_NE(error.block.allocated.stack, 0u);
    EXPECT_NE(error.block.freed.stack, 0u);
    EXPECT_EQ(error.damage.begin, AddressOf(begin));
    EXPECT_EQ(error.damage.size, size);
    EXPECT_EQ(error.damage.expected[0], 0xdd);
  }

  static bool IsFilledWith(const unsigned char* bytes, size_t size,
                           unsigned char byte) {
    for (size_t i = 0; i < size; ++i) {
      if (bytes[i] != byte) return false;
    }
    return true;
  }
};

// --- Fills ------------------------------------------------------------------

TEST_F(FreedMemoryTest, FreshBytesAreAaAndFreedOnesDd) {
  for (size_t size = 1; size < 3000; size += 1 + size / 7) {
    unsigned char* block = Bytes(Allocate(size));
    EXPECT_TRUE(IsFilledWith(block, size, 0xaa)) << size;
    Free(block, size);
    EXPECT_TRUE(IsFilledWith(block, size, 0xdd)) << size;
  }
}

TEST_F(FreedMemoryTest, BlocksAreFilledUpToTheLargestSmallOne) {
  for (size_t size : {20'000, 32'768}) {
    unsigned char* block = Bytes(Allocate(size));
    EXPECT_TRUE(IsFilledWith(block, size, 0xaa)) << size;
    Free(block, size);
    EXPECT_TRUE(IsFilledWith(block, size, 0xdd)) << size;
  }
}

TEST_F(FreedMemoryTest, LargerBlocksAreFilledAtBothEnds) {
  for (size_t size : {32'769, 65'536, 10'000'000}) {
    unsigned char* block = Bytes(Allocate(size));
    EXPECT_TRUE(IsFilledWith(block, 100, 0xaa)) << size;
    EXPECT_EQ(block[size - 1], 0xaa) << size;
    Free(block, size);
  }
}

TEST_F(FreedMemoryTest, FillBytesCanBeChosen) {
  Options options = BaseOptions();
  options.alloc_fill_byte = 0x5a;
  options.free_fill_byte = 0x17;
  Make(options);
  unsigned char* block = Bytes(Allocate(100));
  EXPECT_TRUE(IsFilledWith(block, 100, 0x5a));
  Free(block, 100);
  EXPECT_TRUE(IsFilledWith(block, 100, 0x17));
  block[50] = 0xdd;
  EXPECT_EQ(allocator().CheckHeap(), 1u);
  EXPECT_EQ(sink_.TakeOnly().damage.expected[0], 0x17);
}

TEST_F(FreedMemoryTest, WithoutAFillBytesStayAsTheyAre) {
  Options options = BaseOptions();
  options.alloc_fill_byte = -1;
  options.free_fill_byte = -1;
  Make(options);
  unsigned char* block = Bytes(Allocate(100));
  EXPECT_TRUE(IsFilledWith(block, 100, 0)) << "pages are zero";
  memset(block, 7, 100);
  Free(block, 100);
  EXPECT_TRUE(IsFilledWith(block, 100, 7));
  block[0] = 1;
  EXPECT_EQ(Finish(), Verdict::kOk) << "late writes stay unseen";
}

TEST_F(FreedMemoryTest, GrowthInPlaceIsFilled) {
  for (size_t size : {17, 100'000}) {
    unsigned char* block = Bytes(Allocate(size));
    memset(block, 1, size);
    ASSERT_TRUE(allocator().Resize(block, size, 8, size + 10));
    EXPECT_TRUE(IsFilledWith(block, size, 1));
    EXPECT_TRUE(IsFilledWith(block + size, 10, 0xaa));
    Free(block, size + 10);
  }
}

// --- Late writes ------------------------------------------------------------

TEST_F(FreedMemoryTest, LateWriteIsFoundByCheckHeapOnce) {
  for (size_t size : {1, 24, 5000, 30'000}) {
    for (size_t offset : {size_t{0}, size / 2, size - 1}) {
      unsigned char* block = Bytes(Allocate(size));
      Free(block, size);
      block[offset] = 1;
      EXPECT_EQ(allocator().CheckHeap(), 1u);
      ExpectLateWrite(sink_.TakeOnly(), block, block + offset, 1);
      EXPECT_EQ(allocator().CheckHeap(), 0u);
    }
  }
}

TEST_F(FreedMemoryTest, LateWriteIsFoundAtTheEnd) {
  unsigned char* block = Bytes(Allocate(24));
  Free(block, 24);
  block[3] = 1;
  block[5] = 1;
  EXPECT_EQ(Finish(), Verdict::kOk) << "the verdict is about leaks";
  EXPECT_EQ(sink_.errors()[0].operation, Operation::kDestruction);
  ExpectLateWrite(sink_.TakeOnly(), block, block + 3, 3);
}

TEST_F(FreedMemoryTest, LateWriteIsFoundWhenTheMemoryLeaves) {
  Options options = BaseOptions();
  options.quarantine_size = 1 << 20;
  Make(options);
  for (size_t size : {24, 30'000}) {
    unsigned char* block = Bytes(Allocate(size));
    Free(block, size);
    block[0] = 1;
    // Its granule only leaves when no block of it lives or is yet to come.
    for (int n = 0; n < 6000; ++n) Free(Allocate(24), 24);
    for (int i = 0; i < 300 && sink_.errors().empty(); ++i) {
      for (int n = 0; n < 100; ++n) Free(Allocate(200), 200);
    }
    ASSERT_EQ(sink_.errors().size(), 1u) << size;
    EXPECT_EQ(sink_.errors()[0].operation, Operation::kRetire);
    ExpectLateWrite(sink_.TakeOnly(), block, block, 1);
  }
}

TEST_F(FreedMemoryTest, LateWritesCanGoUnchecked) {
  Options options = BaseOptions();
  options.check_free_fill = false;
  Make(options);
  unsigned char* block = Bytes(Allocate(24));
  Free(block, 24);
  block[3] = 1;
  EXPECT_EQ(allocator().CheckHeap(), 0u);
  EXPECT_EQ(Finish(), Verdict::kOk);
}

// --- Where it goes ----------------------------------------------------------

TEST_F(FreedMemoryTest, NoAddressIsHandedOutTwice) {
  std::vector<uintptr_t> all;
  for (int i = 0; i < 50'000; ++i) {
    void* block = Allocate(64);
    Free(block, 64);
    all.push_back(AddressOf(block));
  }
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::unique(all.begin(), all.end()), all.end());
}

TEST_F(FreedMemoryTest, QuarantineStaysWithinItsBound) {
  Options options = BaseOptions();
  options.quarantine_size = 2 << 20;
  Make(options);
  uint64_t most = 0;
  for (int i = 0; i < 100'000; ++i) {
    size_t size = 16 + static_cast<size_t>(i) * 31 % 3000;
    Free(Allocate(size), size);
    most = std::max(most, allocator().statistics().quarantine_bytes);
  }
  EXPECT_LE(most, uint64_t{2} << 20);
  EXPECT_GT(most, uint64_t{1} << 20) << "it is used";
}

TEST_F(FreedMemoryTest, SpanBytesStayBoundedByTheAddressBudget) {
  Options options = BaseOptions();
  options.quarantine_size = 1 << 20;
  options.address_budget = 16 << 20;
  Make(options);
  for (int i = 0; i < 100'000; ++i) Free(Allocate(3000), 3000);
  EXPECT_LE(allocator().statistics().span_bytes, uint64_t{32} << 20);
}

sigjmp_buf after_fault;
void OnFault(int) { siglongjmp(after_fault, 1); }

// Whether reading the byte faults.
bool Faults(const volatile unsigned char* byte) {
  struct sigaction action = {};
  struct sigaction previous;
  action.sa_handler = OnFault;
  sigaction(SIGSEGV, &action, &previous);
  bool faulted = sigsetjmp(after_fault, 1) != 0;
  if (!faulted) static_cast<void>(*byte);
  sigaction(SIGSEGV, &previous, nullptr);
  return faulted;
}

TEST_F(FreedMemoryTest, MemoryThatLeftTheQuarantineFaults) {
  Options options = BaseOptions();
  options.quarantine_size = 0;
  Make(options);
  std::vector<unsigned char*> blocks;
  for (int i = 0; i < 10'000; ++i) {
    blocks.push_back(Bytes(Allocate(64)));
    Free(blocks.back(), 64);
  }
  EXPECT_TRUE(Faults(blocks.front()));
  EXPECT_TRUE(Faults(blocks[5000]));
}

TEST_F(FreedMemoryTest, VeryLargeBlocksFaultAtOnce) {
  unsigned char* block = Bytes(Allocate(1 << 20));
  EXPECT_FALSE(Faults(block));
  Free(block, 1 << 20);
  EXPECT_TRUE(Faults(block));
  EXPECT_TRUE(Faults(block + (1 << 20) - 1));
}

TEST_F(FreedMemoryTest, LargeBlocksLieBetweenGuardPages) {
  unsigned char* block = Bytes(Allocate(100'000));
  uintptr_t page = AddressOf(block) & ~uintptr_t{4095};
  uintptr_t end = (AddressOf(block) + 100'000 + 16 + 4095) & ~uintptr_t{4095};
  EXPECT_TRUE(Faults(reinterpret_cast<unsigned char*>(page - 1)));
  EXPECT_TRUE(Faults(reinterpret_cast<unsigned char*>(end)));
  Free(block, 100'000);
}

TEST_F(FreedMemoryTest, GrownBlocksKeepAGuardPageBehind) {
  unsigned char* block = Bytes(Allocate(100'000));
  size_t size = 100'000;
  while (allocator().Resize(block, size, 8, size + 50'000) &&
         size < 2'000'000) {
    size += 50'000;
    uintptr_t end = (AddressOf(block) + size + 16 + 4095) & ~uintptr_t{4095};
    EXPECT_TRUE(Faults(reinterpret_cast<unsigned char*>(end))) << size;
  }
  sink_.Clear();
  allocator().FinishWithoutChecks();
}

TEST_F(FreedMemoryTest, NeverUnmapKeepsItMappedPoisonedAndChecked) {
  CountingAllocator backing(SystemPages());
  RecordingSink sink;
  {
    Options options;
    options.never_unmap = true;
    options.quarantine_size = 0;
    DebugAllocator memory(backing, options);
    memory.SetErrorSink(&sink);
    std::vector<unsigned char*> blocks;
    for (size_t size : {64, 100'000, 1'000'000}) {
      unsigned char* block = Bytes(memory.Allocate(size, 8));
      memory.Deallocate(block, size, 8);
      for (int i = 0; i < 5000; ++i) {
        memory.Deallocate(memory.Allocate(64, 8), 64, 8);
      }
      EXPECT_TRUE(IsFilledWith(block, size, 0xdd)) << size;
      blocks.push_back(block);
    }
    for (unsigned char* block : blocks) block[10] = 0;
    EXPECT_EQ(memory.CheckHeap(), 3u);
    for (const ErrorRecord& error : sink.errors()) {
      EXPECT_EQ(error.kind, ErrorKind::kWriteAfterFree);
    }
    memory.Deallocate(blocks[0], 64, 8);
    EXPECT_EQ(sink.errors().back().kind, ErrorKind::kDoubleFree);
    EXPECT_TRUE(sink.errors().back().block.known);
    EXPECT_EQ(memory.Finish(), Verdict::kOk);
  }
  EXPECT_EQ(backing.blocks_out(), 0u) << "released at destruction";
}

}  // namespace
}  // namespace dbgalloc::testing_support
