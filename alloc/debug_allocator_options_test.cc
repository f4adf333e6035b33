// Options that tests by subject leave out: what is logged, traced, and taken
// from the backing allocator.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "alloc/debug_allocator_test_support.h"
#include "dbgalloc/page_allocator.h"
#include "gtest/gtest.h"

namespace dbgalloc::testing_support {
namespace {

[[gnu::noinline]] void* AllocateStep(DebugAllocator& memory, size_t size) {
  void* block = memory.Allocate(size, 8);
  asm volatile("" ::: "memory");
  return block;
}
[[gnu::noinline]] bool GrowStep(DebugAllocator& memory, void* block,
                                size_t size, size_t new_size) {
  bool grown = memory.Resize(block, size, 8, new_size);
  asm volatile("" ::: "memory");
  return grown;
}
[[gnu::noinline]] void* RemapStep(DebugAllocator& memory, void* block,
                                  size_t size, size_t new_size) {
  void* moved = memory.Remap(block, size, 8, new_size);
  asm volatile("" ::: "memory");
  return moved;
}
[[gnu::noinline]] void* DeepStep(DebugAllocator& memory, int depth) {
  void* block =
      depth == 0 ? AllocateStep(memory, 40) : DeepStep(memory, depth - 1);
  asm volatile("" ::: "memory");
  return block;
}

class OptionsTest : public DebugAllocatorTest {};

TEST_F(OptionsTest, VerboseLogWritesALineForEachCall) {
  Options options = BaseOptions();
  options.verbose_log = true;
  Make(options);
  testing::internal::CaptureStderr();
  void* small = Allocate(24);
  ASSERT_TRUE(allocator().Resize(small, 24, 8, 25));
  void* large = Allocate(100'000);
  void* moved = allocator().Remap(large, 100'000, 8, 20'000'000);
  Free(small, 25);
  Free(moved, 20'000'000);
  std::string log = testing::internal::GetCapturedStderr();
  for (const char* line :
       {"allocate 24 bytes at 0x", "resize to 25 bytes at 0x",
        "allocate 100000 bytes at 0x", "20000000 bytes at 0x",
        "free 25 bytes at 0x", "free 20000000 bytes at 0x"}) {
    EXPECT_NE(log.find(line), std::string::npos) << line << " in\n" << log;
  }
  EXPECT_EQ(log.find("dbgalloc: T"), 0u);
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 6) << log;
}

TEST_F(OptionsTest, SilentByDefault) {
  testing::internal::CaptureStderr();
  Free(Allocate(24), 24);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

// A new block in the place of the old one, but the same to the program.
TEST_F(OptionsTest, AMovedBlockKeepsItsFirstTrace) {
  Options options = BaseOptions();
  options.resize_stack_traces = true;
  Make(options);
  size_t size = 100'000;
  void* block = AllocateStep(allocator(), size);
  for (size_t new_size : {20'000'000, 70'000'000}) {
    void* const in_the_way = Allocate(size);
    block = RemapStep(allocator(), block, size, new_size);
    ASSERT_NE(block, nullptr);
    Free(in_the_way, size);
    size = new_size;
    const BlockDescription described = allocator().Describe(block);
    EXPECT_NE(NewestFunction(described.allocated.stack).find("AllocateStep"),
              std::string::npos);
    EXPECT_EQ(described.allocated.number, 1u);
    ASSERT_TRUE(described.resized.known);
    EXPECT_NE(NewestFunction(described.resized.stack).find("RemapStep"),
              std::string::npos);
  }
  Free(block, size);
}

TEST_F(OptionsTest, ResizesLeaveATraceOfTheirOwn) {
  Options options = BaseOptions();
  options.resize_stack_traces = true;
  Make(options);
  for (size_t size : {20, 100'000}) {
    void* block = AllocateStep(allocator(), size);
    EXPECT_FALSE(allocator().Describe(block).resized.known);
    ASSERT_TRUE(GrowStep(allocator(), block, size, size + 3));
    Free(block, size);
    ErrorRecord error = sink_.TakeOnly();
    EXPECT_EQ(error.kind, ErrorKind::kSizeMismatch);
    EXPECT_TRUE(error.block.resized.known);
    EXPECT_NE(NewestFunction(error.block.resized.stack).find("GrowStep"),
              std::string::npos);
    EXPECT_NE(NewestFunction(error.block.allocated.stack).find("AllocateStep"),
              std::string::npos)
        << "the first trace stays";
  }
}

TEST_F(OptionsTest, ResizesLeaveNoTraceByDefault) {
  void* block = Allocate(20);
  ASSERT_TRUE(GrowStep(allocator(), block, 20, 21));
  EXPECT_FALSE(allocator().Describe(block).resized.known);
  Free(block, 21);
}

TEST_F(OptionsTest, FramesAreAsManyAsAskedFor) {
  for (int64_t frames : {1, 2, 6, 16, 40}) {
    Options options = BaseOptions();
    options.stack_trace_frames = frames;
    Make(options);
    void* block = DeepStep(allocator(), 64);
    EXPECT_EQ(FrameCount(allocator().Describe(block).allocated.stack),
              static_cast<size_t>(frames));
    Free(block, 40);
  }
}

TEST_F(OptionsTest, FramesZeroSwitchesCaptureOff) {
  Options options = BaseOptions();
  options.stack_trace_frames = 0;
  Make(options);
  void* block = Allocate(40);
  EXPECT_EQ(allocator().Describe(block).allocated.stack, 0u);
  Free(block, 40);
  Free(block, 40);
  ErrorRecord error = sink_.TakeOnly();
  EXPECT_EQ(error.kind, ErrorKind::kDoubleFree);
  EXPECT_EQ(error.block.freed.stack, 0u);
  EXPECT_NE(error.now.stack, 0u) << "an error is worth one";
}

TEST_F(OptionsTest, EveryPageSizeWorksAndIsWhatIsTaken) {
  for (size_t page_size = 4096; page_size <= 4 << 20; page_size *= 2) {
    CountingAllocator backing(SystemPages());
    backing.hides_pages = true;  // then spans are taken one by one
    Options options;
    options.page_size = page_size;
    RecordingSink sink;
    DebugAllocator memory(backing, options);
    memory.SetErrorSink(&sink);
    void* first = memory.Allocate(16, 8);
    ASSERT_NE(first, nullptr) << page_size;
    EXPECT_EQ(memory.statistics().span_bytes, page_size);
    std::vector<void*> blocks;
    for (size_t size = 1; size < 100'000; size += size / 2 + 1) {
      blocks.push_back(memory.Allocate(size, 8));
      memset(blocks.back(), 1, size);
    }
    size_t i = 0;
    for (size_t size = 1; size < 100'000; size += size / 2 + 1) {
      memory.Deallocate(blocks[i++], size, 8);
    }
    memory.Deallocate(first, 16, 8);
    EXPECT_EQ(memory.Finish(), Verdict::kOk) << page_size;
    EXPECT_TRUE(sink.errors().empty()) << page_size;
  }
}

TEST_F(OptionsTest, OddPageSizesAreRoundedUp) {
  CountingAllocator backing(SystemPages());
  backing.hides_pages = true;
  Options options;
  options.page_size = 5000;
  DebugAllocator memory(backing, options);
  void* block = memory.Allocate(16, 8);
  EXPECT_EQ(memory.statistics().span_bytes, 8192u);
  memory.Deallocate(block, 16, 8);
}

TEST_F(OptionsTest, SizeClassIsOfTheLargerOfSizeAndAlignment) {
  // Blocks of one class follow each other at one distance.
  auto stride = [this](size_t size, size_t alignment) {
    auto a = AddressOf(Allocate(size, alignment));
    auto b = AddressOf(Allocate(size, alignment));
    return b - a;
  };
  EXPECT_EQ(stride(16, 8), 32u);
  EXPECT_EQ(stride(1, 1), 32u);
  EXPECT_EQ(stride(17, 1), 48u);
  EXPECT_GE(stride(1, 512), 512u);
  allocator().FinishWithoutChecks();
}

TEST_F(OptionsTest, EveryPowerOfTwoAlignmentIsHonoured) {
  for (size_t alignment = 1; alignment <= 1 << 24; alignment *= 2) {
    for (size_t size : {1, 100, 40'000}) {
      void* block = Allocate(size, alignment);
      ASSERT_NE(block, nullptr) << alignment;
      EXPECT_EQ(AddressOf(block) % alignment, 0u);
      memset(block, 1, size);
      Free(block, size, alignment);
    }
  }
}

TEST_F(OptionsTest, OptionsSetInCodeAreKept) {
  Options options;
  options.redzone = 64;
  DebugAllocator memory(options);
  auto* a = Bytes(memory.Allocate(64, 8));
  auto* b = Bytes(memory.Allocate(64, 8));
  EXPECT_EQ(b - a, 128);
  memory.Deallocate(a, 64, 8);
  memory.Deallocate(b, 64, 8);
}

}  // namespace
}  // namespace dbgalloc::testing_support
