// What an error's record tells besides the block: the neighbours, the memory
// around, what a pointer in it means, and when things happened. And what a sink
// may do while it is told.
#include <cstring>

#include "alloc/debug_allocator_test_support.h"
#include "gtest/gtest.h"

namespace dbgalloc::testing_support {
namespace {

class ContextTest : public DebugAllocatorTest {};

TEST_F(ContextTest, NeighboursAreDescribedWithTheirStacks) {
  void* first = Allocate(24);
  unsigned char* second = Bytes(Allocate(24));
  void* third = Allocate(20);
  Free(third, 20);
  second[24] = 'x';
  Free(second, 24);
  const ErrorRecord error = sink_.TakeOnly();
  ASSERT_TRUE(error.before.known);
  EXPECT_EQ(error.before.begin, AddressOf(first));
  EXPECT_TRUE(error.before.live);
  EXPECT_NE(error.before.allocated.stack, 0u);
  ASSERT_TRUE(error.after.known);
  EXPECT_EQ(error.after.begin, AddressOf(third));
  EXPECT_EQ(error.after.size, 20u);
  EXPECT_FALSE(error.after.live);
  EXPECT_NE(error.after.freed.stack, 0u);
  Free(first, 24);
}

TEST_F(ContextTest, TheMemoryAroundIsAsItWasBeforeItWasMended) {
  unsigned char* block = Bytes(Allocate(32));
  memcpy(block + 16, "the last sixteen", 16);
  memcpy(block + 32, "over", 4);
  Free(block, 32);
  const ErrorRecord error = sink_.TakeOnly();
  EXPECT_EQ(error.memory.begin, AddressOf(block) + 16);
  ASSERT_GE(error.memory.size, 20u);
  EXPECT_EQ(memcmp(error.memory.bytes, "the last sixteenover", 20), 0);
}

TEST_F(ContextTest, APointerInTheDamageIsLookedUp) {
  unsigned char* block = Bytes(Allocate(32));
  unsigned char* target = Bytes(Allocate(100));
  unsigned char* inside = target + 7;
  memcpy(block + 32, &inside, sizeof(inside));
  Free(block, 32);
  const ErrorRecord error = sink_.TakeOnly();
  ASSERT_TRUE(error.pointer.known);
  EXPECT_EQ(error.pointer.value, AddressOf(inside));
  EXPECT_EQ(error.pointer.block.begin, AddressOf(target));
  EXPECT_EQ(error.pointer.block.size, 100u);
  Free(target, 100);
}

TEST_F(ContextTest, EventsHaveTimes) {
  void* block = Allocate(32);
  Free(block, 32);
  Free(block, 32);
  const ErrorRecord error = sink_.TakeOnly();
  for (const HeapEvent& event : {error.block.allocated, error.block.freed}) {
    ASSERT_TRUE(event.timed);
    EXPECT_LE(event.least_ago, event.most_ago);
    EXPECT_LT(event.most_ago, 3'600'000u) << "a test of an hour";
  }
}

TEST_F(ContextTest, TheHeapsPatternsAreTold) {
  void* block = Allocate(32);
  Free(block, 32);
  Free(block, 32);
  const HeapPatterns patterns = sink_.TakeOnly().patterns;
  EXPECT_TRUE(patterns.known);
  EXPECT_EQ(patterns.fresh_byte, 0xaa);
  EXPECT_EQ(patterns.freed_byte, 0xdd);
  EXPECT_EQ(patterns.canary, 0x9232a6ff85dff10f);
}

// Resizes and frees the block that it is told of first.
class MeddlingSink final : public ErrorSink {
 public:
  explicit MeddlingSink(DebugAllocator& allocator) : allocator_(allocator) {}
  void OnError(const ErrorRecord& record) override {
    if (errors_++ > 0) return;
    void* block = reinterpret_cast<void*>(record.block.begin);
    resized_ =
        allocator_.Resize(block, record.block.size, 8, record.block.size + 1);
    allocator_.Deallocate(block, record.block.size + (resized_ ? 1 : 0), 8);
  }
  void OnLeaks(const LeakReport&) override {}

  int errors() const { return errors_; }

 private:
  DebugAllocator& allocator_;
  int errors_ = 0;
  bool resized_ = false;
};

// It would wait for itself, were it made to wait for the walk over the heap.
TEST_F(ContextTest, ASinkMayResizeAndFreeTheBlockThatItIsToldOf) {
  for (size_t size : {size_t{24}, size_t{100'000}, size_t{1} << 20}) {
    SCOPED_TRACE(size);
    MeddlingSink sink(allocator());
    unsigned char* block = Bytes(Allocate(size));
    block[size] ^= 1;
    allocator().SetErrorSink(&sink);
    EXPECT_EQ(allocator().CheckHeap(), 1u);
    EXPECT_EQ(sink.errors(), 1);
    EXPECT_EQ(allocator().CheckHeap(), 0u);
    allocator().SetErrorSink(&sink_);
  }
}

}  // namespace
}  // namespace dbgalloc::testing_support
