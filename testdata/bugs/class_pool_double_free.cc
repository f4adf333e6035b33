// BUG: a block of a pool object is given back twice.
// EXPECT-KIND: double-free
// EXPECT-SENTENCE: Deallocate of ADDR, the start (offset 0) of a 32-byte block
//   that was freed
// EXPECT-STACK: second free, by thread T0 "main"
//   main <- second free
// EXPECT-BLOCK: 32 bytes, alignment 16, from Allocate, small tier, freed
#include "dbgalloc/pool_allocator.h"

int main() {
  dbgalloc::PoolAllocator pool;
  void* block = pool.Allocate(24, 8);
  pool.Deallocate(block, 24, 8);
#ifndef FIXED
  pool.Deallocate(block, 24, 8);  // <- second free
#endif
  return 0;
}
