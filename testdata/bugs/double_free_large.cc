// BUG: a block of a megabyte is freed twice.
// EXPECT-KIND: double-free
// EXPECT-SENTENCE: free of ADDR, the start (offset 0) of a 1048576-byte block
//   that was freed 1 heap operation earlier
// EXPECT-STACK: second free, by thread T0 "main"
//   main <- second free
// EXPECT-STACK: first free, by thread T0 "main"
//   main <- first free
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 1048576 bytes, from malloc, freed
#include <cstdlib>

#include "testdata/bugs/bug.h"

int main() {
  void* block = Opaque(malloc(1 << 20));  // <- allocation
  free(Opaque(block));                    // <- first free
#ifndef FIXED
  free(Opaque(block));  // <- second free
#endif
  return 0;
}
