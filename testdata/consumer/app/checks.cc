// Uses the allocator class in five ways; prints one fact a line that depends on
// the options, which come from the environment alone.

#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <thread>

#include "dbgalloc/debug_allocator.h"
#include "dbgalloc/error_record.h"
#include "dbgalloc/error_sink.h"
#include "dbgalloc/failing_allocator.h"

namespace {

// Keeps the last error and how many there were.
class LastError final : public dbgalloc::ErrorSink {
 public:
  void OnError(const dbgalloc::ErrorRecord& record) override {
    last = record;
    ++count;
  }
  void OnLeaks(const dbgalloc::LeakReport&) override {}

  dbgalloc::ErrorRecord last;
  int count = 0;
};

void UseFromSecondThread() {
  LastError error;
  dbgalloc::DebugAllocator allocator;
  allocator.SetErrorSink(&error);
  allocator.Deallocate(allocator.Allocate(8, 8), 8, 8);
  std::thread([&allocator] {
    void* block = allocator.Allocate(8, 8);
    if (block != nullptr) allocator.Deallocate(block, 8, 8);
  }).join();
  bool misuse =
      error.count > 0 && error.last.kind == dbgalloc::ErrorKind::kThreadMisuse;
  std::printf("second thread: %s\n", misuse ? "misuse" : "welcome");
}

void FreeTwice() {
  LastError error;
  dbgalloc::DebugAllocator allocator;
  allocator.SetErrorSink(&error);
  void* block = allocator.Allocate(8, 8);
  allocator.Deallocate(block, 8, 8);
  allocator.Deallocate(block, 8, 8);
  bool has_stack = error.count == 1 && error.last.block.allocated.stack != 0;
  std::printf("stack of a double free: %s\n", has_stack ? "kept" : "none");
}

// Whether the kernel can read the byte.
bool IsReadable(const void* address) {
  int ends[2];
  if (pipe(ends) != 0) return false;
  bool readable = write(ends[1], address, 1) == 1;
  close(ends[0]);
  close(ends[1]);
  return readable;
}

// Of a block whose memory is gone when it is freed again: quarantine_size=0.
void FreeTwiceLate() {
  constexpr std::size_t kSize = 1 << 20;
  LastError error;
  dbgalloc::DebugAllocator allocator;
  allocator.SetErrorSink(&error);
  void* block = allocator.Allocate(kSize, 8);
  allocator.Deallocate(block, kSize, 8);
  std::printf("freed memory: %s\n", IsReadable(block) ? "mapped" : "gone");
  allocator.Deallocate(block, kSize, 8);
  std::printf("late double free: %s\n",
              error.last.block.freed.known ? "explained" : "unexplained");
}

void FailFirst() {
  dbgalloc::DebugAllocator checked;
  dbgalloc::FailingAllocator allocator(checked);
  void* block = allocator.Allocate(8, 8);
  std::printf("first allocation: %s\n", block == nullptr ? "failed" : "made");
  if (block != nullptr) allocator.Deallocate(block, 8, 8);
}

}  // namespace

int main() {
  UseFromSecondThread();
  FreeTwice();
  FreeTwiceLate();
  FailFirst();
  return 0;
}
