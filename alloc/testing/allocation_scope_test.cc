// Run with dbgalloc's malloc in both forms, and without it.
#include "dbgalloc/testing/allocation_scope.h"

#include <atomic>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <thread>

#include "gtest/gtest-spi.h"
#include "gtest/gtest.h"

namespace dbgalloc {
namespace {

// Hides a block from the optimizer, which may leave out malloc and free.
void* Opaque(void* block) {
  asm volatile("" : "+r"(block) : : "memory");
  return block;
}

[[gnu::noinline]] void AllocateAndFree(size_t size) {
  void* block = Opaque(malloc(size));
  free(block);
  asm volatile("");  // no tail call: the function is to be on the stack
}

TEST(AllocationScope, CountsAllocationsFreesAndBytesOfThisThread) {
  ASSERT_TRUE(AllocationScope::IsLive());
  std::atomic<bool> may_go{false};
  std::atomic<bool> has_gone{false};
  std::thread other([&] {
    may_go.wait(false);
    AllocateAndFree(7000);
    has_gone.store(true);
    has_gone.notify_one();
  });
  AllocationScope scope;
  void* kept = Opaque(malloc(100));
  AllocateAndFree(50);
  may_go.store(true);
  may_go.notify_one();
  has_gone.wait(false);
  const AllocationCounts counts = scope.counts();
  free(kept);
  other.join();
  EXPECT_EQ(counts.allocations, 2u);
  EXPECT_EQ(counts.frees, 1u);
  EXPECT_EQ(counts.allocated_bytes, 150u);
  EXPECT_EQ(counts.freed_bytes, 50u);
  EXPECT_EQ(counts.peak_bytes, 150u);
}

TEST(AllocationScope, CountsAllThreadsWhereItIsAskedTo) {
  AllocationScope scope(CountedThreads::kAll);
  std::thread([] { AllocateAndFree(7000); }).join();
  EXPECT_GE(scope.counts().allocated_bytes, 7000u);
}

TEST(AllocationScope, ScopesNestInAnyOrder) {
  auto outer = std::make_unique<AllocationScope>();
  auto inner = std::make_unique<AllocationScope>();
  const uint64_t before = outer->counts().allocations;
  outer.reset();
  const uint64_t inner_before = inner->counts().allocations;
  AllocateAndFree(1);
  EXPECT_EQ(inner->counts().allocations, inner_before + 1);
  EXPECT_GE(before, 1u);
}

TEST(AllocationScope, AReallocIsOneAllocationAndCountsTheDifferenceAsLive) {
  void* block = Opaque(malloc(100));
  AllocationScope scope;
  block = Opaque(realloc(block, 160));
  const AllocationCounts counts = scope.counts();
  free(block);
  EXPECT_EQ(counts.allocations, 1u);
  EXPECT_EQ(counts.frees, 0u);
  EXPECT_EQ(counts.peak_bytes, 60u);
}

TEST(AllocationScope, AFreeOfOlderMemoryMakesRoomBelowThePeak) {
  void* old_block = Opaque(malloc(1000));
  AllocationScope scope;
  free(old_block);
  AllocateAndFree(900);
  EXPECT_EQ(scope.counts().peak_bytes, 0u);
}

TEST(AllocationBudget, KeptBudgetsAreSilent) {
  EXPECT_NO_ALLOCATIONS {}
  EXPECT_ALLOCATIONS(AllocationBudget().Exactly(2)) {
    AllocateAndFree(1);
    AllocateAndFree(2);
  }
  EXPECT_ALLOCATIONS(AllocationBudget().AtMost(3).Bytes(30).Peak(20)) {
    AllocateAndFree(20);
    AllocateAndFree(10);
  }
}

TEST(AllocationBudget, AnAllocationTooManyNamesItsPlace) {
  EXPECT_NONFATAL_FAILURE(
      EXPECT_NO_ALLOCATIONS { AllocateAndFree(8); },
      "1 allocation, but exactly 0 expected");
  EXPECT_NONFATAL_FAILURE(
      EXPECT_NO_ALLOCATIONS { AllocateAndFree(8); }, "AllocateAndFree");
}

TEST(AllocationBudget, AMissingAllocationIsWrongWhereTheNumberIsExact) {
  EXPECT_NONFATAL_FAILURE(
      EXPECT_ALLOCATIONS(AllocationBudget().Exactly(2)) { AllocateAndFree(8); },
      "1 allocation, but exactly 2 expected");
}

TEST(AllocationBudget, BytesAndPeakAreHeld) {
  EXPECT_NONFATAL_FAILURE(
      EXPECT_ALLOCATIONS(AllocationBudget().Bytes(15)) {
        AllocateAndFree(8);
        AllocateAndFree(8);
      },
      "16 bytes allocated, but at most 15 expected");
  EXPECT_NONFATAL_FAILURE(
      EXPECT_ALLOCATIONS(AllocationBudget().Peak(15)) { AllocateAndFree(16); },
      "16 bytes at once, but at most 15 expected");
}

TEST(AllocationBudget, OtherThreadsCountWhereItIsAskedTo) {
  EXPECT_NONFATAL_FAILURE(
      EXPECT_ALLOCATIONS(AllocationBudget().Bytes(6999).InAllThreads()) {
        std::thread([] { AllocateAndFree(7000); }).join();
      },
      "at most 6999 expected");
}

void ThrowOutOfABudget() {
  EXPECT_NO_ALLOCATIONS {
    AllocateAndFree(8);
    throw std::runtime_error("out of here");
  }
}

void CatchWhatLeavesABudget() {
  EXPECT_THROW(ThrowOutOfABudget(), std::runtime_error);
}

TEST(AllocationBudget, IsCheckedWhenAnExceptionLeavesTheBlock) {
  EXPECT_NONFATAL_FAILURE(CatchWhatLeavesABudget(), "but exactly 0 expected");
}

}  // namespace
}  // namespace dbgalloc
