// BUG: a block of an allocator object is given back twice.
// EXPECT-KIND: double-free
// EXPECT-SENTENCE: Deallocate of ADDR, the start (offset 0) of a 24-byte block
//   that was freed 1 heap operation earlier
// EXPECT-STACK: second free, by thread T0 "main"
//   main <- second free
// EXPECT-STACK: first free, by thread T0 "main"
//   main <- first free
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 24 bytes, alignment 8, from Allocate, freed
#include "dbgalloc/debug_allocator.h"

int main() {
  dbgalloc::DebugAllocator allocator;
  void* block = allocator.Allocate(24, 8);  // <- allocation
  allocator.Deallocate(block, 24, 8);       // <- first free
#ifndef FIXED
  allocator.Deallocate(block, 24, 8);  // <- second free
#endif
  return 0;
}
