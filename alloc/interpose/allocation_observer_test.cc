// An observer is told of each allocation, free and resize that succeeds, and of
// nothing else.
#include <malloc.h>
#include <stdlib.h>

#include <atomic>
#include <cstdint>
#include <new>
#include <string>
#include <thread>

#include "dbgalloc/c_api.h"
#include "gtest/gtest.h"

namespace {

constexpr size_t kMost = 16;

struct Told {
  size_t count = 0;
  dbgalloc_operation operations[kMost];
};

Told told;

void Observe(const dbgalloc_operation* operation) {
  if (told.count < kMost) told.operations[told.count] = *operation;
  ++told.count;
}

class AllocationObserverTest : public testing::Test {
 protected:
  AllocationObserverTest() { told = {}; }
  ~AllocationObserverTest() override { dbgalloc_set_observer(nullptr); }
};

// Hides a block from the optimizer, which may leave out malloc and free.
void* Opaque(void* block) {
  asm volatile("" : "+r"(block) : : "memory");
  return block;
}

// An address, for comparing after the block has gone.
uintptr_t Address(const void* block) {
  return reinterpret_cast<uintptr_t>(block);
}

bool Is(size_t index, int kind, uintptr_t block, size_t size) {
  const dbgalloc_operation& operation = told.operations[index];
  // The C library hands out whole usable sizes.
  const bool size_fits =
      dbgalloc_is_active() ? operation.size == size : operation.size >= size;
  return operation.kind == kind && Address(operation.block) == block &&
         size_fits;
}

TEST_F(AllocationObserverTest, IsToldOfAllocationsAndFreesWithTheirSizes) {
  dbgalloc_set_observer(Observe);
  void* first = Opaque(malloc(24));
  void* second = Opaque(::operator new(100));
  const uintptr_t first_address = Address(first);
  const uintptr_t second_address = Address(second);
  free(first);
  ::operator delete(second);
  dbgalloc_set_observer(nullptr);
  free(Opaque(malloc(8)));
  ASSERT_EQ(told.count, 4u);
  EXPECT_TRUE(Is(0, DBGALLOC_ALLOCATED, first_address, 24));
  EXPECT_TRUE(Is(1, DBGALLOC_ALLOCATED, second_address, 100));
  EXPECT_TRUE(Is(2, DBGALLOC_FREED, first_address, 24));
  EXPECT_TRUE(Is(3, DBGALLOC_FREED, second_address, 100));
}

TEST_F(AllocationObserverTest, IsToldOfAResizeOnce) {
  void* block = Opaque(malloc(24));
  const uintptr_t old_address = Address(block);
  dbgalloc_set_observer(Observe);
  block = Opaque(realloc(block, 50'000));
  dbgalloc_set_observer(nullptr);
  ASSERT_EQ(told.count, 1u);
  EXPECT_TRUE(Is(0, DBGALLOC_RESIZED, Address(block), 50'000));
  EXPECT_EQ(Address(told.operations[0].old_block), old_address);
  EXPECT_GE(told.operations[0].old_size, 24u);
  free(block);
}

TEST_F(AllocationObserverTest, IsNotToldOfWhatFails) {
  void* block = Opaque(malloc(24));
  dbgalloc_set_observer(Observe);
  void* volatile kept = block;  // the compiler takes it for freed by realloc
  volatile size_t too_much = SIZE_MAX / 2;
  void* refused = Opaque(malloc(too_much));
  void* not_moved = Opaque(realloc(Opaque(block), too_much));
  dbgalloc_set_observer(nullptr);
  EXPECT_EQ(refused, nullptr);
  EXPECT_EQ(not_moved, nullptr);
  EXPECT_EQ(told.count, 0u);
  free(kept);
}

void AllocateWhileObserving(const dbgalloc_operation* operation) {
  Observe(operation);
  free(Opaque(malloc(64)));
}

TEST_F(AllocationObserverTest, MayAllocateWithoutBeingTold) {
  dbgalloc_set_observer(AllocateWhileObserving);
  void* block = Opaque(malloc(24));
  free(block);
  dbgalloc_set_observer(nullptr);
  EXPECT_EQ(told.count, 2u);
}

TEST_F(AllocationObserverTest, BlocksCrossTheTimeOfObservation) {
  void* before = Opaque(malloc(24));
  const uintptr_t before_address = Address(before);
  dbgalloc_set_observer(Observe);
  free(before);
  void* after = Opaque(malloc(32));
  const uintptr_t after_address = Address(after);
  dbgalloc_set_observer(nullptr);
  free(after);
  ASSERT_EQ(told.count, 2u);
  EXPECT_TRUE(Is(0, DBGALLOC_FREED, before_address, 24));
  EXPECT_TRUE(Is(1, DBGALLOC_ALLOCATED, after_address, 32));
}

[[gnu::noinline]] void* AllocateFromHere() {
  void* block = Opaque(malloc(40));
  asm volatile("");  // no tail call: the function is to be on the stack
  return block;
}

TEST_F(AllocationObserverTest, KnowsTheStackOfTheAllocation) {
  if (!dbgalloc_is_active()) GTEST_SKIP() << "the C library keeps no stacks";
  dbgalloc_set_observer(Observe);
  void* block = AllocateFromHere();
  free(block);
  dbgalloc_set_observer(nullptr);
  ASSERT_EQ(told.count, 2u);
  EXPECT_EQ(told.operations[1].stack, told.operations[0].stack);
  char text[4096];
  const size_t size =
      dbgalloc_format_stack(told.operations[0].stack, text, sizeof(text));
  const std::string frames(text, size);
  EXPECT_EQ(frames.find("#0 "), 4u) << frames;
  EXPECT_NE(frames.find("AllocateFromHere"), std::string::npos) << frames;
  EXPECT_EQ(dbgalloc_format_stack(told.operations[0].stack, text, 10), 10u);
  EXPECT_EQ(dbgalloc_format_stack(0, text, sizeof(text)), 0u);
}

std::atomic<int> from_threads{0};

void CountOnAnyThread(const dbgalloc_operation* operation) {
  if (operation->size == 12'345) from_threads.fetch_add(1);
}

TEST_F(AllocationObserverTest, IsToldFromEveryThread) {
  dbgalloc_set_observer(CountOnAnyThread);
  std::thread threads[4];
  for (std::thread& thread : threads) {
    thread = std::thread([] {
      for (int i = 0; i < 100; ++i) free(Opaque(malloc(12'345)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  dbgalloc_set_observer(nullptr);
  if (dbgalloc_is_active()) {
    EXPECT_EQ(from_threads.load(), 800);
  }
}

}  // namespace
