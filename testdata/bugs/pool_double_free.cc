// BUG: the pool serves, and a block is freed twice: stopped at that free.
// EXPECT-KIND: double-free
// EXPECT-OPTIONS: allocator=pool
// EXPECT-SENTENCE: free of ADDR, the start (offset 0) of a 48-byte block that
//   was freed
// EXPECT-STACK: second free, by thread T0 "main"
//   main <- again
// EXPECT-BLOCK: 48 bytes, alignment 16, from malloc, small tier, freed
#include <cstdlib>

#include "testdata/bugs/bug.h"

int main() {
  void* block = Opaque(malloc(40));
  free(Opaque(block));
#ifndef FIXED
  free(Opaque(block));  // <- again
#endif
  return 0;
}
