// BUG: a block is freed twice in the pool, whose stacks are asked for.
// EXPECT-KIND: double-free
// EXPECT-OPTIONS: allocator=pool:stack_trace_frames=16
// EXPECT-SENTENCE: free of ADDR, the start (offset 0) of a 40-byte block that
//   was freed 1 heap operation earlier
// EXPECT-STACK: second free, by thread T0 "main"
//   main <- again
// EXPECT-STACK: first free, by thread T0 "main"
//   main <- at first
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 40 bytes, alignment 16, from malloc, small tier, freed
#include <cstdlib>

#include "testdata/bugs/bug.h"

int main() {
  void* block = Opaque(malloc(40));  // <- allocation
  free(Opaque(block));               // <- at first
#ifndef FIXED
  free(Opaque(block));  // <- again
#endif
  return 0;
}
