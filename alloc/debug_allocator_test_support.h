// What the tests of DebugAllocator share: a sink that keeps what it is told,
// names of the functions in a stack, and a backing allocator that counts.
#ifndef DBGALLOC_ALLOC_DEBUG_ALLOCATOR_TEST_SUPPORT_H_
#define DBGALLOC_ALLOC_DEBUG_ALLOCATOR_TEST_SUPPORT_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "dbgalloc/allocator.h"
#include "dbgalloc/debug_allocator.h"
#include "dbgalloc/error_record.h"
#include "dbgalloc/error_sink.h"
#include "dbgalloc/options.h"
#include "gtest/gtest.h"

namespace dbgalloc::testing_support {

// Keeps every error and every leak report. Thread-safe.
class RecordingSink final : public ErrorSink {
 public:
  struct Leaks {
    std::vector<LeakGroup> groups;
    uint64_t blocks = 0;
    uint64_t bytes = 0;
    Operation operation = Operation::kFree;
  };

  void OnError(const ErrorRecord& record) override;
  void OnLeaks(const LeakReport& report) override;
  void OnTrace(const OperationTrace& trace) override;

  // Not while other threads may report.
  const std::vector<ErrorRecord>& errors() const { return errors_; }
  const std::vector<Leaks>& leaks() const { return leaks_; }
  // The kinds of all errors, in order.
  std::vector<ErrorKind> kinds() const;
  // The one error there is; a failed test where there is none or another.
  ErrorRecord Only() const;
  // Only(), and forgets it.
  ErrorRecord TakeOnly();
  // The traced operations, which are forgotten.
  std::vector<OperationTrace> TakeTraces();
  void Clear();

 private:
  mutable std::mutex mutex_;
  std::vector<ErrorRecord> errors_;
  std::vector<Leaks> leaks_;
  std::vector<OperationTrace> traces_;
};

// The functions at the newest call of a stack, inlined ones included, one a
// line; "" for no stack.
std::string NewestFunction(uint32_t stack);
// The functions of the whole stack, newest first.
std::string FunctionsOf(uint32_t stack);
size_t FrameCount(uint32_t stack);

// Passes on to `memory` and knows what is out. A wrong size or alignment given
// back is a failed test. From the moment `calls_until_refusal` reaches 0 every
// request is refused. Thread-safe where `memory` is.
class CountingAllocator final : public Allocator {
 public:
  explicit CountingAllocator(Allocator& memory) : memory_(memory) {}
  ~CountingAllocator() { EXPECT_EQ(blocks_out(), 0u); }

  void* Allocate(size_t size, size_t alignment) override;
  bool Resize(void* block, size_t size, size_t alignment,
              size_t new_size) override;
  void* Remap(void* block, size_t size, size_t alignment,
              size_t new_size) override;
  void Deallocate(void* block, size_t size, size_t alignment) override;
  PageControl* page_control() override {
    return hides_pages ? nullptr : memory_.page_control();
  }

  size_t blocks_out() const;
  size_t bytes_out() const;

  bool hides_pages = false;
  static constexpr int64_t kNever = -1;
  int64_t calls_until_refusal = kNever;
  int64_t calls = 0;
  // Fresh memory is filled with this unless it is negative.
  int dirt = -1;

 private:
  struct Out {
    size_t size;
    size_t alignment;
  };
  bool Refuses();
  void Change(void* block, size_t size, size_t alignment, void* new_block,
              size_t new_size);

  Allocator& memory_;
  mutable std::mutex mutex_;
  std::map<void*, Out> out_;
};

// A DebugAllocator over pages whose errors are kept, with figures that make
// tests deterministic. Checks at the end of the test that no error is left
// that nobody looked at.
class DebugAllocatorTest : public ::testing::Test {
 protected:
  // Errors return; 16 frames by frame pointers and tables.
  static Options BaseOptions();

  // An allocator of its own for a test that wants other options.
  DebugAllocator& Make(const Options& options);
  DebugAllocator& allocator();

  void* Allocate(size_t size, size_t alignment = 8) {
    return allocator().Allocate(size, alignment);
  }
  void Free(void* block, size_t size, size_t alignment = 8) {
    allocator().Deallocate(block, size, alignment);
  }
  // As a container does it: Remap, else allocate, copy and free. Null: refused,
  // the block is as it was.
  void* Reallocate(void* block, size_t size, size_t alignment, size_t new_size,
                   size_t new_alignment);
  void* Reallocate(void* block, size_t size, size_t new_size) {
    return Reallocate(block, size, 8, new_size, 8);
  }
  // Destroys the allocator by Finish().
  Verdict Finish();

  ~DebugAllocatorTest() override;

  RecordingSink sink_;

 private:
  DebugAllocator* allocator_ = nullptr;
};

unsigned char* Bytes(void* block);
uintptr_t AddressOf(const void* block);

}  // namespace dbgalloc::testing_support

#endif  // DBGALLOC_ALLOC_DEBUG_ALLOCATOR_TEST_SUPPORT_H_
