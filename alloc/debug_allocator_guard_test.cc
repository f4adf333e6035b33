// Blocks between guard pages, seen from outside: what may be touched, and what
// may not.
#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

#include "alloc/debug_allocator_test_support.h"
#include "gtest/gtest.h"

namespace dbgalloc {
namespace {

using testing_support::AddressOf;
using testing_support::Bytes;
using testing_support::DebugAllocatorTest;

class GuardTest : public DebugAllocatorTest {
 protected:
  GuardTest() {
    EXPECT_EQ(pipe(pipe_), 0);
    fcntl(pipe_[0], F_SETFL, O_NONBLOCK);
  }
  ~GuardTest() override {
    close(pipe_[0]);
    close(pipe_[1]);
  }

  static Options Guarded(GuardAlignChoice align = GuardAlignChoice::kRight) {
    Options options = BaseOptions();
    options.guard = GuardChoice::kAll;
    options.guard_align = align;
    options.guard_seed = 1;
    return options;
  }

  std::vector<ErrorRecord> TakeErrors() {
    std::vector<ErrorRecord> errors = sink_.errors();
    sink_.Clear();
    return errors;
  }

  // The kernel reads the byte, or refuses: nothing faults.
  bool IsAccessible(uintptr_t address) {
    if (write(pipe_[1], reinterpret_cast<const void*>(address), 1) != 1) {
      return false;
    }
    char byte;
    return read(pipe_[0], &byte, 1) == 1;
  }
  bool IsAccessible(const void* block, size_t offset) {
    return IsAccessible(AddressOf(block) + offset);
  }

 private:
  int pipe_[2];
};

TEST_F(GuardTest, ExactEndsAtThePage) {
  Make(Guarded(GuardAlignChoice::kExact));
  for (size_t size : {1, 2, 4, 8, 16, 24, 40, 4096, 4104, 30'000, 300'000}) {
    void* block = Allocate(size, 1);
    EXPECT_TRUE(IsAccessible(block, 0)) << size;
    EXPECT_TRUE(IsAccessible(block, size - 1)) << size;
    EXPECT_FALSE(IsAccessible(block, size)) << size;
    memset(block, 'x', size);
    Free(block, size, 1);
    EXPECT_FALSE(IsAccessible(block, 0)) << size;
  }
}

TEST_F(GuardTest, RightKeepsTheAlignmentAndFewerThanSixteenBytesOfSlack) {
  Make(Guarded());
  for (size_t size = 1; size < 10'000; size += 37) {
    for (size_t alignment : {1, 16, 64, 4096, 16'384}) {
      void* block = Allocate(size, alignment);
      EXPECT_EQ(AddressOf(block) % alignment, 0u);
      EXPECT_EQ(AddressOf(block) % 16, 0u);
      size_t slack = alignment < 16 ? 16 : alignment;
      if (slack > 4096) slack = 4096;
      EXPECT_FALSE(IsAccessible(block, (size + slack - 1) & ~(slack - 1)))
          << size << " " << alignment;
      Free(block, size, alignment);
    }
  }
}

TEST_F(GuardTest, LeftBeginsAtThePage) {
  Make(Guarded(GuardAlignChoice::kLeft));
  for (size_t size : {1, 24, 5000, 300'000}) {
    void* block = Allocate(size);
    EXPECT_FALSE(IsAccessible(AddressOf(block) - 1)) << size;
    EXPECT_TRUE(IsAccessible(block, size - 1));
    Free(block, size);
  }
}

TEST_F(GuardTest, EmptyBlocksHaveNoByte) {
  for (GuardAlignChoice align :
       {GuardAlignChoice::kRight, GuardAlignChoice::kLeft}) {
    DebugAllocator memory(Guarded(align));
    void* first = memory.Allocate(0, 1);
    void* second = memory.Allocate(0, 1);
    EXPECT_NE(first, second);
    EXPECT_FALSE(IsAccessible(first, 0));
    EXPECT_FALSE(IsAccessible(AddressOf(first) - 1));
    memory.Deallocate(first, 0, 1);
    memory.Deallocate(second, 0, 1);
  }
}

TEST_F(GuardTest, TheRestOfThePageIsRedzone) {
  Make(Guarded());
  unsigned char* block = Bytes(Allocate(100, 16));
  ASSERT_TRUE(IsAccessible(AddressOf(block) - 3000));
  block[-3000] = 1;
  block[105] = 1;
  Free(block, 100, 16);
  std::vector<ErrorRecord> errors = TakeErrors();
  ASSERT_EQ(errors.size(), 2u);
  EXPECT_EQ(errors[0].kind, ErrorKind::kHeapBufferOverflow);
  EXPECT_EQ(errors[0].damage.begin, AddressOf(block) + 105);
  EXPECT_EQ(errors[1].kind, ErrorKind::kHeapBufferUnderflow);
  EXPECT_EQ(errors[1].damage.begin, AddressOf(block) - 3000);
}

TEST_F(GuardTest, ADoubleFreeIsToldWithItsThreeStacks) {
  Make(Guarded());
  void* block = Allocate(100);
  Free(block, 100);
  Free(block, 100);
  std::vector<ErrorRecord> errors = TakeErrors();
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].kind, ErrorKind::kDoubleFree);
  EXPECT_NE(errors[0].now.stack, 0u);
  EXPECT_NE(errors[0].block.freed.stack, 0u);
  EXPECT_NE(errors[0].block.allocated.stack, 0u);
}

TEST_F(GuardTest, OnlySizesInTheWindowAreGuarded) {
  Options options = Guarded(GuardAlignChoice::kExact);
  options.guard_min_size = 32;
  options.guard_max_size = 64;
  Make(options);
  for (size_t size : {24, 32, 64, 72}) {
    void* block = Allocate(size);
    EXPECT_EQ(IsAccessible(block, size), size < 32 || size > 64) << size;
    Free(block, size);
  }
}

TEST_F(GuardTest, TheSeedDecidesTheSample) {
  auto sample = [this](uint64_t seed) {
    Options options = BaseOptions();
    options.guard = GuardChoice::kSampled;
    options.guard_sample_rate = 20;
    options.guard_seed = seed;
    options.guard_align = GuardAlignChoice::kExact;
    DebugAllocator memory(options);
    std::vector<int> guarded;
    for (int i = 0; i < 1000; ++i) {
      void* block = memory.Allocate(32, 16);
      if (!IsAccessible(block, 32)) guarded.push_back(i);
      memory.Deallocate(block, 32, 16);
    }
    return guarded;
  };
  std::vector<int> first = sample(7);
  EXPECT_GT(first.size(), 20u);
  EXPECT_LT(first.size(), 100u);
  EXPECT_EQ(sample(7), first);
  EXPECT_NE(sample(8), first);
}

TEST_F(GuardTest, AboveGuardMemoryBlocksHaveRedzonesAlone) {
  Options options = Guarded();
  options.guard_memory = 64 * 1024;
  Make(options);
  std::vector<void*> blocks;
  int guarded = 0;
  for (int i = 0; i < 100; ++i) {
    blocks.push_back(Allocate(64, 16));
    guarded += !IsAccessible(blocks.back(), 64);
  }
  EXPECT_GE(guarded, 14);
  EXPECT_LE(guarded, 17);
  for (void* block : blocks) Free(block, 64, 16);
  // What was freed makes room.
  void* block = Allocate(64, 16);
  EXPECT_FALSE(IsAccessible(block, 64));
  Free(block, 64, 16);
}

// Wrong indices, at random: nearly none meets another block.
TEST_F(GuardTest, StrayAccessesMeetNothing) {
  Make(Guarded(GuardAlignChoice::kRandom));
  std::mt19937_64 random(1);
  std::vector<std::pair<uintptr_t, size_t>> blocks;
  for (int i = 0; i < 2000; ++i) {
    size_t size = 1 + random() % 512;
    blocks.emplace_back(AddressOf(Allocate(size, 16)), size);
  }
  constexpr int kStrays = 20'000;
  int hits = 0;
  for (int i = 0; i < kStrays; ++i) {
    uintptr_t from = blocks[random() % blocks.size()].first;
    uintptr_t at = from + random() % (128 << 10) - (64 << 10);
    if (!IsAccessible(at)) continue;
    BlockDescription nearest =
        allocator().Describe(reinterpret_cast<const void*>(at));
    bool in_block = at - nearest.begin < nearest.size;
    hits += in_block || !allocator().Owns(reinterpret_cast<const void*>(at));
  }
  RecordProperty("hits_of_20000", hits);
  EXPECT_LT(hits, kStrays * 5 / 100);
  allocator().FinishWithoutChecks();
}

TEST_F(GuardTest, ResizesKeepTheirMeaning) {
  Make(Guarded());
  unsigned char* block = Bytes(Allocate(60, 16));
  memset(block, 7, 60);
  EXPECT_TRUE(allocator().Resize(block, 60, 16, 50)) << "of the same class";
  EXPECT_FALSE(allocator().Resize(block, 50, 16, 10)) << "of another class";
  EXPECT_FALSE(allocator().Resize(block, 50, 16, 80)) << "over its page";
  EXPECT_EQ(block[49], 7);
  block[50] = 1;
  Free(block, 50, 16);
  EXPECT_EQ(TakeErrors().size(), 1u) << "what was given up is redzone";
}

}  // namespace
}  // namespace dbgalloc
