#include "dbgalloc/failing_allocator.h"

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "alloc/debug_allocator_test_support.h"
#include "dbgalloc/allocator.h"
#include "gtest/gtest.h"

namespace dbgalloc {
namespace {

// Memory of the C library; refuses everything while told to.
class Inner final : public Allocator {
 public:
  void* Allocate(size_t size, size_t) override {
    return refuses ? nullptr : std::malloc(size);
  }
  bool Resize(void*, size_t size, size_t, size_t new_size) override {
    return !refuses && new_size <= size;
  }
  void* Remap(void* block, size_t, size_t, size_t new_size) override {
    return refuses ? nullptr : std::realloc(block, new_size);
  }
  void Deallocate(void* block, size_t, size_t) override { std::free(block); }

  bool refuses = false;
};

// Keeps the notes in place of writing them.
class Notes final : public ErrorSink {
 public:
  void OnError(const ErrorRecord& record) override {
    std::lock_guard<std::mutex> holder(mutex_);
    last = record;
    ++count;
  }
  void OnLeaks(const LeakReport&) override { FAIL(); }

  ErrorRecord last;
  int count = 0;

 private:
  std::mutex mutex_;
};

class FailingAllocatorTest : public testing::Test {
 protected:
  FailingAllocatorTest() { failing_.SetErrorSink(&notes_); }

  bool AllocateAndFree() {
    void* block = failing_.Allocate(8, 8);
    if (block == nullptr) return false;
    failing_.Deallocate(block, 8, 8);
    return true;
  }

  Inner inner_;
  Notes notes_;
  FailingAllocator failing_{inner_};
};

TEST_F(FailingAllocatorTest, EachInducedFailureIsANoteToTheSink) {
  failing_.SetFailIndex(0);
  failing_.SetResizeFailIndex(0);
  EXPECT_EQ(failing_.Allocate(24, 8), nullptr);
  EXPECT_EQ(notes_.last.kind, ErrorKind::kInducedFailure);
  EXPECT_EQ(notes_.last.operation, Operation::kAllocate);
  EXPECT_EQ(notes_.last.claimed_size, 24u);
  EXPECT_EQ(notes_.last.now.stack, failing_.last_failure().stack);
  char block[8];
  EXPECT_EQ(failing_.Remap(block, 8, 8, 4), nullptr);
  EXPECT_EQ(notes_.last.operation, Operation::kRemap);
  EXPECT_FALSE(failing_.Resize(block, 8, 8, 4));
  EXPECT_EQ(notes_.last.operation, Operation::kResize);
  EXPECT_EQ(notes_.count, 3);
}

TEST_F(FailingAllocatorTest, FailsNothingByDefault) {
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(AllocateAndFree());
  EXPECT_FALSE(failing_.has_induced_failure());
  EXPECT_FALSE(failing_.first_failure().is_known);
}

TEST_F(FailingAllocatorTest, FailsFromTheIndexOnAndKeepsFreeing) {
  failing_.SetFailIndex(2);
  void* first = failing_.Allocate(8, 8);
  void* second = failing_.Allocate(8, 8);
  ASSERT_NE(first, nullptr);
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(failing_.Allocate(8, 8), nullptr);
  failing_.Deallocate(first, 8, 8);
  failing_.Deallocate(second, 8, 8);
  EXPECT_EQ(failing_.Allocate(8, 8), nullptr);
  EXPECT_EQ(failing_.counters().allocation_index, 2u);
  EXPECT_EQ(failing_.counters().deallocations, 2u);
}

TEST_F(FailingAllocatorTest, RaisingTheIndexResumes) {
  failing_.SetFailIndex(0);
  EXPECT_FALSE(AllocateAndFree());
  failing_.SetFailIndex(1);
  EXPECT_TRUE(AllocateAndFree());
  EXPECT_FALSE(AllocateAndFree());
}

TEST_F(FailingAllocatorTest, ResizesHaveAnIndexOfTheirOwn) {
  failing_.SetResizeFailIndex(1);
  void* block = failing_.Allocate(8, 8);
  block = failing_.Remap(block, 8, 8, 64);
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(failing_.Remap(block, 64, 8, 128), nullptr);
  EXPECT_FALSE(failing_.Resize(block, 64, 8, 32));
  EXPECT_TRUE(AllocateAndFree());
  EXPECT_TRUE(failing_.last_failure().is_resize);
  EXPECT_EQ(failing_.last_failure().index, 1u);
  failing_.Deallocate(block, 64, 8);
}

TEST_F(FailingAllocatorTest, ARefusalByTheInnerOneIsNoInducedFailure) {
  void* block = failing_.Allocate(8, 8);
  inner_.refuses = true;
  EXPECT_EQ(failing_.Allocate(8, 8), nullptr);
  EXPECT_FALSE(failing_.Resize(block, 8, 8, 4));
  EXPECT_EQ(failing_.Remap(block, 8, 8, 16), nullptr);
  EXPECT_FALSE(failing_.has_induced_failure());
  EXPECT_EQ(failing_.counters().allocation_index, 1u);
  EXPECT_EQ(failing_.counters().resize_index, 0u);
  EXPECT_EQ(failing_.counters().allocated_bytes, 8u);
  failing_.Deallocate(block, 8, 8);
}

TEST_F(FailingAllocatorTest, BooksTheDifferenceOfAResize) {
  void* block = failing_.Allocate(100, 8);
  block = failing_.Remap(block, 100, 8, 150);
  ASSERT_TRUE(failing_.Resize(block, 150, 8, 30));
  failing_.Deallocate(block, 30, 8);
  EXPECT_EQ(failing_.counters().allocated_bytes, 150u);
  EXPECT_EQ(failing_.counters().freed_bytes, 150u);
}

TEST_F(FailingAllocatorTest, KeepsTheStacksOfTheFirstAndTheLastFailure) {
  failing_.SetFailIndex(0);
  failing_.SetResizeFailIndex(0);
  EXPECT_EQ(failing_.Allocate(8, 8), nullptr);
  char unused[8];
  EXPECT_FALSE(failing_.Resize(unused, 8, 8, 4));
  EXPECT_TRUE(failing_.first_failure().is_known);
  EXPECT_FALSE(failing_.first_failure().is_resize);
  EXPECT_TRUE(failing_.last_failure().is_resize);
  EXPECT_NE(failing_.first_failure().stack, 0u);
  EXPECT_NE(failing_.last_failure().stack, failing_.first_failure().stack);
}

[[gnu::noinline]] void FirstFailingStep(FailingAllocator& failing) {
  EXPECT_EQ(failing.Allocate(8, 8), nullptr);
  asm volatile("" ::: "memory");
}
[[gnu::noinline]] void LastFailingStep(FailingAllocator& failing) {
  char unused[8];
  EXPECT_EQ(failing.Remap(unused, 8, 8, 4), nullptr);
  asm volatile("" ::: "memory");
}

TEST_F(FailingAllocatorTest, StacksNameWhoAsked) {
  failing_.SetFailIndex(0);
  failing_.SetResizeFailIndex(0);
  FirstFailingStep(failing_);
  FirstFailingStep(failing_);
  LastFailingStep(failing_);
  using testing_support::NewestFunction;
  EXPECT_NE(
      NewestFunction(failing_.first_failure().stack).find("FirstFailingStep"),
      std::string::npos);
  EXPECT_NE(
      NewestFunction(failing_.last_failure().stack).find("LastFailingStep"),
      std::string::npos);
}

TEST_F(FailingAllocatorTest, AnIndexBelowTheCountFailsAtOnce) {
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(AllocateAndFree());
  failing_.SetFailIndex(2);
  EXPECT_FALSE(AllocateAndFree());
  failing_.SetFailIndex(FailingAllocator::kNever);
  EXPECT_TRUE(AllocateAndFree());
  EXPECT_EQ(failing_.counters().allocations, 6u);
  EXPECT_EQ(failing_.first_failure().index, 5u);
}

// What containers do when shrinking is refused: they keep what they have, or
// move.
TEST_F(FailingAllocatorTest, ResizesFailWhileAllocationsGoOn) {
  failing_.SetResizeFailIndex(0);
  char* block = static_cast<char*>(failing_.Allocate(100, 8));
  block[0] = 'x';
  EXPECT_FALSE(failing_.Resize(block, 100, 8, 10));
  EXPECT_EQ(failing_.Remap(block, 100, 8, 10), nullptr);
  char* moved = static_cast<char*>(failing_.Allocate(10, 8));
  ASSERT_NE(moved, nullptr);
  EXPECT_EQ(block[0], 'x');
  failing_.Deallocate(block, 100, 8);
  failing_.Deallocate(moved, 10, 8);
  EXPECT_EQ(failing_.counters().allocated_bytes, 110u);
  EXPECT_EQ(failing_.counters().freed_bytes, 110u);
  EXPECT_EQ(failing_.counters().resize_index, 0u);
}

TEST_F(FailingAllocatorTest, OptionsSetTheIndices) {
  Options options;
  options.fail_index = 1;
  options.resize_fail_index = 0;
  options.stack_trace_frames = 0;
  FailingAllocator failing(inner_, options);
  failing.SetErrorSink(nullptr);
  void* block = failing.Allocate(8, 8);
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(failing.Allocate(8, 8), nullptr);
  EXPECT_EQ(failing.first_failure().stack, 0u);
  EXPECT_FALSE(failing.Resize(block, 8, 8, 4));
  failing.Deallocate(block, 8, 8);
}

TEST_F(FailingAllocatorTest, AByteBudgetBoundsWhatLives) {
  failing_.SetByteBudget(100);
  void* block = failing_.Allocate(60, 8);
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(failing_.Allocate(41, 8), nullptr);
  EXPECT_EQ(failing_.last_failure().index, 1u);
  EXPECT_FALSE(failing_.last_failure().is_resize);
  EXPECT_EQ(failing_.Remap(block, 60, 8, 101), nullptr);
  EXPECT_TRUE(failing_.last_failure().is_resize);
  EXPECT_TRUE(failing_.Resize(block, 60, 8, 20));
  void* other = failing_.Allocate(80, 8);
  EXPECT_NE(other, nullptr);
  EXPECT_EQ(failing_.counters().allocation_index, 2u);
  failing_.Deallocate(block, 20, 8);
  failing_.Deallocate(other, 80, 8);
  EXPECT_EQ(failing_.counters().allocated_bytes,
            failing_.counters().freed_bytes);
}

TEST_F(FailingAllocatorTest, WhatTheInnerOneRefusesLeavesTheBudgetAsItWas) {
  failing_.SetByteBudget(100);
  inner_.refuses = true;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(failing_.Allocate(60, 8), nullptr);
  inner_.refuses = false;
  EXPECT_FALSE(failing_.has_induced_failure());
  void* block = failing_.Allocate(100, 8);
  EXPECT_NE(block, nullptr);
  failing_.Deallocate(block, 100, 8);
}

TEST_F(FailingAllocatorTest, ResetForgetsFailuresAndKeepsTheIndex) {
  failing_.SetFailIndex(1);
  EXPECT_TRUE(AllocateAndFree());
  EXPECT_FALSE(AllocateAndFree());
  failing_.Reset();
  EXPECT_FALSE(failing_.has_induced_failure());
  EXPECT_EQ(failing_.counters().allocations, 0u);
  EXPECT_EQ(failing_.counters().freed_bytes, 0u);
  EXPECT_TRUE(AllocateAndFree());
  EXPECT_FALSE(AllocateAndFree());
}

TEST(FailingAllocatorPolicies, OnceFailsOneAllocationAndOneResize) {
  Inner inner;
  Options options;
  options.fail_index = 1;
  options.resize_fail_index = 0;
  options.fail_mode = FailMode::kOnce;
  FailingAllocator failing(inner, options);
  failing.SetErrorSink(nullptr);
  void* block = failing.Allocate(8, 8);
  EXPECT_EQ(failing.Allocate(8, 8), nullptr);
  void* second = failing.Allocate(8, 8);
  EXPECT_NE(second, nullptr);
  EXPECT_FALSE(failing.Resize(block, 8, 8, 4));
  EXPECT_TRUE(failing.Resize(block, 8, 8, 4));
  EXPECT_TRUE(failing.first_failure().index == 1u &&
              failing.last_failure().is_resize);
  failing.Deallocate(block, 4, 8);
  failing.Deallocate(second, 8, 8);
}

}  // namespace

// Outside of the unnamed namespace, so that the pattern finds its name.
[[gnu::noinline]] void* AllocateForTheHeader(FailingAllocator& memory) {
  void* block = memory.Allocate(8, 8);
  asm volatile("" ::: "memory");  // not a tail call
  return block;
}

namespace {

TEST(FailingAllocatorPolicies, AStackPatternChoosesWhoseAllocationsFail) {
  Inner inner;
  Options options;
  options.fail_stack = "AllocateForTheHeader";
  FailingAllocator failing(inner, options);
  failing.SetErrorSink(nullptr);
  void* block = failing.Allocate(8, 8);
  EXPECT_NE(block, nullptr);
  EXPECT_EQ(AllocateForTheHeader(failing), nullptr);
  EXPECT_EQ(AllocateForTheHeader(failing), nullptr);
  failing.Deallocate(block, 8, 8);
}

TEST(FailingAllocatorPolicies, ASizeWindowChoosesAmongAllocations) {
  Inner inner;
  Options options;
  options.fail_min_size = 100;
  options.fail_max_size = 200;
  FailingAllocator failing(inner, options);
  failing.SetErrorSink(nullptr);
  for (size_t size : {size_t{99}, size_t{201}}) {
    void* block = failing.Allocate(size, 8);
    EXPECT_NE(block, nullptr);
    failing.Deallocate(block, size, 8);
  }
  EXPECT_EQ(failing.Allocate(100, 8), nullptr);
  EXPECT_EQ(failing.Allocate(200, 8), nullptr);
}

TEST_F(FailingAllocatorTest, SeveralThreadsShareTheIndexExactly) {
  constexpr uint64_t kLimit = 10'000;
  failing_.SetFailIndex(kLimit);
  std::atomic<uint64_t> made{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (uint64_t n = 0; n < kLimit; ++n) made += AllocateAndFree();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made, kLimit);
  EXPECT_EQ(failing_.counters().allocation_index, kLimit);
}

}  // namespace
}  // namespace dbgalloc
