// BUG: a block of an allocator object is resized as if it were larger.
// EXPECT-KIND: size-mismatch
// EXPECT-SENTENCE: Resize of ADDR with size 48, but it is the start (offset 0)
//   of a 40-byte block
// EXPECT-STACK: resized with the wrong size, by thread T0 "main"
//   main <- resize
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 40 bytes, alignment 8, from Allocate, live
#include "dbgalloc/debug_allocator.h"

int main() {
  dbgalloc::DebugAllocator allocator;
#ifdef FIXED
  constexpr size_t kSize = 40;
#else
  constexpr size_t kSize = 48;
#endif
  void* block = allocator.Allocate(40, 8);  // <- allocation
  allocator.Resize(block, kSize, 8, 32);    // <- resize
  allocator.FinishWithoutChecks();
  return 0;
}
