// What the caller says of a block against what its record says.
#include <vector>

#include "alloc/debug_allocator_test_support.h"
#include "gtest/gtest.h"

namespace dbgalloc::testing_support {
namespace {

// One small size, one whose class is another's, one large.
constexpr size_t kSizes[] = {20, 300, 100'000};

class MismatchTest : public DebugAllocatorTest {
 protected:
  // The one error there is, which must be about this block.
  ErrorRecord TakeMismatch(ErrorKind kind, void* block, Operation operation) {
    ErrorRecord error = sink_.TakeOnly();
    EXPECT_EQ(error.kind, kind);
    EXPECT_EQ(error.operation, operation);
    EXPECT_EQ(error.address, AddressOf(block));
    EXPECT_TRUE(error.block.known);
    EXPECT_TRUE(error.block.live);
    EXPECT_NE(error.block.allocated.stack, 0u);
    EXPECT_NE(error.now.stack, 0u);
    EXPECT_NE(error.now.stack, error.block.allocated.stack);
    return error;
  }
};

TEST_F(MismatchTest, WrongSizeAtFree) {
  for (size_t size : kSizes) {
    for (size_t wrong : {size - 1, size + 1, size / 2, size * 10, size_t{0}}) {
      void* block = Allocate(size);
      Free(block, wrong);
      ErrorRecord error =
          TakeMismatch(ErrorKind::kSizeMismatch, block, Operation::kFree);
      EXPECT_EQ(error.claimed_size, wrong);
      EXPECT_EQ(error.block.size, size);
    }
  }
  EXPECT_EQ(allocator().statistics().live_bytes, 0u)
      << "freed by what the records say";
}

TEST_F(MismatchTest, WrongAlignmentAtFree) {
  for (size_t size : kSizes) {
    for (size_t alignment : {1, 8, 64, 4096}) {
      for (size_t wrong : {2, 16, 128, 8192}) {
        void* block = Allocate(size, alignment);
        Free(block, size, wrong);
        ErrorRecord error = TakeMismatch(ErrorKind::kAlignmentMismatch, block,
                                         Operation::kFree);
        EXPECT_EQ(error.claimed_alignment, wrong);
        EXPECT_EQ(error.block.alignment, alignment);
      }
    }
  }
  EXPECT_EQ(Finish(), Verdict::kOk);
}

TEST_F(MismatchTest, SizeComesBeforeAlignment) {
  void* block = Allocate(20, 8);
  Free(block, 21, 16);
  ErrorRecord error =
      TakeMismatch(ErrorKind::kSizeMismatch, block, Operation::kFree);
  EXPECT_EQ(error.claimed_alignment, 16u);
}

TEST_F(MismatchTest, WrongSizeAndAlignmentAtResize) {
  for (size_t size : kSizes) {
    void* block = Allocate(size);
    allocator().Resize(block, size + 1, 8, size);
    TakeMismatch(ErrorKind::kSizeMismatch, block, Operation::kResize);
    allocator().Resize(block, size, 16, size);
    TakeMismatch(ErrorKind::kAlignmentMismatch, block, Operation::kResize);
    EXPECT_EQ(allocator().statistics().live_bytes, size);
    Free(block, size);
  }
}

TEST_F(MismatchTest, WrongSizeAndAlignmentAtRemap) {
  for (size_t size : kSizes) {
    void* block = Allocate(size);
    EXPECT_EQ(allocator().Remap(block, size + 1, 8, size), block);
    TakeMismatch(ErrorKind::kSizeMismatch, block, Operation::kRemap);
    EXPECT_EQ(allocator().Remap(block, size, 16, size), block);
    TakeMismatch(ErrorKind::kAlignmentMismatch, block, Operation::kRemap);
    Free(block, size);
  }
}

TEST_F(MismatchTest, TheSizeAfterAResizeCounts) {
  void* block = Allocate(20);
  ASSERT_TRUE(allocator().Resize(block, 20, 8, 25));
  Free(block, 20);
  ErrorRecord error =
      TakeMismatch(ErrorKind::kSizeMismatch, block, Operation::kFree);
  EXPECT_EQ(error.block.size, 25u);
}

TEST_F(MismatchTest, EachCheckCanBeSwitchedOff) {
  Options options = BaseOptions();
  options.check_size = false;
  Make(options);
  Free(Allocate(20), 21);
  void* block = Allocate(20);
  Free(block, 21, 16);
  TakeMismatch(ErrorKind::kAlignmentMismatch, block, Operation::kFree);

  options = BaseOptions();
  options.check_alignment = false;
  Make(options);
  Free(Allocate(20), 20, 16);
  block = Allocate(20);
  Free(block, 21, 16);
  TakeMismatch(ErrorKind::kSizeMismatch, block, Operation::kFree);
}

TEST_F(MismatchTest, AlignmentsThatAreNoneAreRefusedWithAReport) {
  for (size_t alignment : {3, 6, 100, 4097}) {
    EXPECT_EQ(Allocate(8, alignment), nullptr);
    ErrorRecord error = sink_.TakeOnly();
    EXPECT_EQ(error.kind, ErrorKind::kInvalidAlignment);
    EXPECT_EQ(error.operation, Operation::kAllocate);
    EXPECT_EQ(error.claimed_alignment, alignment);
    EXPECT_EQ(error.claimed_size, 8u);
  }
}

TEST_F(MismatchTest, WithoutSafetyNothingIsChecked) {
  Options options = BaseOptions();
  options.safety = false;
  Make(options);
  void* block = Allocate(20);
  Bytes(block)[20] = 1;
  Free(block, 21, 64);
  Free(block, 20);
  Free(&options, 20);
  EXPECT_EQ(allocator().CheckHeap(), 0u);
  Allocate(8);
  EXPECT_EQ(Finish(), Verdict::kOk) << "leaks are a check, too";
}

}  // namespace
}  // namespace dbgalloc::testing_support
