// BUG: an alignment that is not a power of two is asked for.
// EXPECT-KIND: invalid-alignment
// EXPECT-SENTENCE: Allocate of 16 bytes with alignment 24, which is not a
//   power of two
// EXPECT-STACK: requested, by thread T0 "main"
//   main <- request
#include "dbgalloc/debug_allocator.h"

int main() {
  dbgalloc::DebugAllocator allocator;
#ifdef FIXED
  constexpr size_t kAlignment = 32;
#else
  constexpr size_t kAlignment = 24;
#endif
  void* block = allocator.Allocate(16, kAlignment);  // <- request
  allocator.Deallocate(block, 16, kAlignment);
  return 0;
}
