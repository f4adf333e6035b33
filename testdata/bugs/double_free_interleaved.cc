// BUG: the block is freed twice, with another free in between.
// EXPECT-KIND: double-free
// EXPECT-SENTENCE: free of ADDR, the start (offset 0) of a 16-byte block that
//   was freed 2 heap operations earlier
// EXPECT-STACK: second free, by thread T0 "main"
//   main <- again
// EXPECT-STACK: first free, by thread T0 "main"
//   main <- at first
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 16 bytes, from malloc, freed
#include <cstdlib>

#include "testdata/bugs/bug.h"

int main() {
  void* a = Opaque(malloc(16));  // <- allocation
  void* b = Opaque(malloc(16));
  free(Opaque(a));  // <- at first
  free(Opaque(b));
#ifndef FIXED
  free(Opaque(a));  // <- again
#endif
  return 0;
}
