// What an error does to a program that has no sink of its own: a report on
// standard error, an exit status.
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>

#include "dbgalloc/debug_allocator.h"
#include "dbgalloc/options.h"
#include "gtest/gtest.h"

namespace dbgalloc {
namespace {

using testing::ExitedWithCode;
using testing::KilledBySignal;

// A report is what the program says first.
std::string FirstLine(const char* kind) {
  return std::string("^==[0-9]+==ERROR: dbgalloc: ") + kind + ": ";
}

unsigned char* Bytes(void* block) { return static_cast<unsigned char*>(block); }

void FreeTwice(DebugAllocator& memory, size_t size = 24) {
  void* block = memory.Allocate(size, 8);
  memory.Deallocate(block, size, 8);
  memory.Deallocate(block, size, 8);
}

class DebugAllocatorDeathTest : public testing::Test {
 protected:
  DebugAllocatorDeathTest() {
    testing::FLAGS_gtest_death_test_style = "threadsafe";
  }
};

TEST_F(DebugAllocatorDeathTest, DoubleFree) {
  EXPECT_EXIT(
      {
        DebugAllocator memory;
        FreeTwice(memory);
      },
      ExitedWithCode(1), FirstLine("double-free"));
}

TEST_F(DebugAllocatorDeathTest, DoubleFreeTellsAllThreeStacks) {
  EXPECT_EXIT(
      {
        DebugAllocator memory;
        FreeTwice(memory, 100'000);
      },
      ExitedWithCode(1),
      "second free, by thread.*FreeTwice.*first free, by thread.*FreeTwice.*"
      "allocated, by thread.*FreeTwice");
}

TEST_F(DebugAllocatorDeathTest, InvalidFree) {
  EXPECT_EXIT(
      {
        DebugAllocator memory;
        int local;
        memory.Deallocate(&local, 4, 4);
      },
      ExitedWithCode(1), FirstLine("invalid-free"));
}

TEST_F(DebugAllocatorDeathTest, InteriorFree) {
  EXPECT_EXIT(
      {
        DebugAllocator memory;
        memory.Deallocate(Bytes(memory.Allocate(24, 8)) + 8, 16, 8);
      },
      ExitedWithCode(1), FirstLine("interior-free"));
}

TEST_F(DebugAllocatorDeathTest, SizeAndAlignmentMismatch) {
  EXPECT_EXIT(
      {
        DebugAllocator memory;
        memory.Deallocate(memory.Allocate(24, 8), 25, 8);
      },
      ExitedWithCode(1), FirstLine("size-mismatch"));
  EXPECT_EXIT(
      {
        DebugAllocator memory;
        memory.Deallocate(memory.Allocate(24, 8), 24, 16);
      },
      ExitedWithCode(1), FirstLine("alignment-mismatch"));
}

TEST_F(DebugAllocatorDeathTest, WritesBesideABlock) {
  EXPECT_EXIT(
      {
        DebugAllocator memory;
        void* block = memory.Allocate(24, 8);
        Bytes(block)[24] = 1;
        memory.Deallocate(block, 24, 8);
      },
      ExitedWithCode(1), FirstLine("heap-buffer-overflow"));
  EXPECT_EXIT(
      {
        DebugAllocator memory;
        void* block = memory.Allocate(24, 8);
        Bytes(block)[-1] = 1;
        memory.Deallocate(block, 24, 8);
      },
      ExitedWithCode(1), FirstLine("heap-buffer-underflow"));
}

TEST_F(DebugAllocatorDeathTest, WriteAfterFreeIsFoundByTheDestructor) {
  EXPECT_EXIT(
      {
        DebugAllocator memory;
        void* block = memory.Allocate(24, 8);
        memory.Deallocate(block, 24, 8);
        Bytes(block)[3] = 1;
      },
      ExitedWithCode(1), FirstLine("write-after-free"));
}

TEST_F(DebugAllocatorDeathTest, ThreadMisuse) {
  EXPECT_EXIT(
      {
        Options options;
        options.thread_safe = false;
        DebugAllocator memory(options);
        void* block = memory.Allocate(24, 8);
        std::thread([&] { memory.Deallocate(block, 24, 8); }).join();
      },
      ExitedWithCode(1), FirstLine("thread-misuse"));
}

TEST_F(DebugAllocatorDeathTest, InvalidAlignment) {
  EXPECT_EXIT(
      {
        DebugAllocator memory;
        memory.Allocate(24, 24);
      },
      ExitedWithCode(1), FirstLine("invalid-alignment"));
}

TEST_F(DebugAllocatorDeathTest, LeaksChangeTheStatusOfTheEnd) {
  EXPECT_EXIT(
      {
        {
          DebugAllocator memory;
          memory.Allocate(24, 8);
        }
        std::exit(0);
      },
      ExitedWithCode(23), "dbgalloc: leak: .*24 bytes");
}

TEST_F(DebugAllocatorDeathTest, ExitCodesCanBeChosen) {
  EXPECT_EXIT(
      {
        Options options;
        options.exitcode = 42;
        DebugAllocator memory(options);
        FreeTwice(memory);
      },
      ExitedWithCode(42), FirstLine("double-free"));
  EXPECT_EXIT(
      {
        Options options;
        options.leak_exitcode = 0;
        {
          DebugAllocator memory(options);
          memory.Allocate(24, 8);
        }
        std::exit(5);
      },
      ExitedWithCode(5), "leak");
}

TEST_F(DebugAllocatorDeathTest, CanAbort) {
  EXPECT_EXIT(
      {
        Options options;
        options.abort_on_error = true;
        DebugAllocator memory(options);
        FreeTwice(memory);
      },
      KilledBySignal(SIGABRT), FirstLine("double-free"));
}

TEST_F(DebugAllocatorDeathTest, CanGoOnAndTellsByTheStatus) {
  EXPECT_EXIT(
      {
        Options options;
        options.halt_on_error = false;
        DebugAllocator memory(options);
        FreeTwice(memory);
        void* block = memory.Allocate(24, 8);
        memory.Deallocate(block, 25, 8);
        std::exit(memory.Finish() == Verdict::kOk ? 0 : 9);
      },
      ExitedWithCode(1), "double-free.*size-mismatch");
}

TEST_F(DebugAllocatorDeathTest, ALimitIsNoError) {
  EXPECT_EXIT(
      {
        Options options;
        options.memory_limit = 10;
        DebugAllocator memory(options);
        std::exit(memory.Allocate(24, 8) == nullptr ? 0 : 9);
      },
      ExitedWithCode(0), "NOTE: dbgalloc: memory-limit");
}

}  // namespace
}  // namespace dbgalloc
