// Accesses that fault, with the classes alone: the report
// names the kind and the stacks, and the process ends as options say.
#include <cstddef>

#include "dbgalloc/debug_allocator.h"
#include "dbgalloc/options.h"
#include "gtest/gtest.h"

namespace dbgalloc {
namespace {

using testing::ExitedWithCode;

Options Guarded() {
  Options options;
  options.guard = GuardChoice::kAll;
  return options;
}

[[gnu::noinline]] volatile char* AllocateHere(DebugAllocator& memory) {
  return static_cast<volatile char*>(memory.Allocate(64, 16));
}

[[gnu::noinline]] void FreeHere(DebugAllocator& memory, volatile char* block) {
  memory.Deallocate(const_cast<char*>(block), 64, 16);
}

[[gnu::noinline]] void TouchHere(volatile char* byte) { *byte = 1; }

void UseAfterFree() {
  DebugAllocator memory(Guarded());
  volatile char* block = AllocateHere(memory);
  FreeHere(memory, block);
  TouchHere(block + 8);
}

void Overflow() {
  DebugAllocator memory(Guarded());
  TouchHere(AllocateHere(memory) + 64);
}

TEST(DebugAllocatorFaultDeathTest, UseAfterFreeHasItsKindAndStacks) {
  EXPECT_EXIT(UseAfterFree(), ExitedWithCode(1),
              "ERROR: dbgalloc: use-after-free: write to ");
  for (const char* function : {"TouchHere", "FreeHere", "AllocateHere"}) {
    EXPECT_EXIT(UseAfterFree(), ExitedWithCode(1), function);
  }
}

TEST(DebugAllocatorFaultDeathTest, OverflowHasItsKindAndStacks) {
  EXPECT_EXIT(Overflow(), ExitedWithCode(1),
              "ERROR: dbgalloc: heap-buffer-overflow: write to .*, right "
              "behind the end .offset 64. of a 64-byte block");
  for (const char* function : {"TouchHere", "AllocateHere"}) {
    EXPECT_EXIT(Overflow(), ExitedWithCode(1), function);
  }
}

}  // namespace
}  // namespace dbgalloc
