// BUG: realloc moved the block, and the old pointer is freed, too.
// EXPECT-KIND: double-free
// EXPECT-SENTENCE: free of ADDR, the start (offset 0) of a 16-byte block that
//   was freed 1 heap operation earlier
// EXPECT-STACK: second free, by thread T0 "main"
//   main <- stale free
// EXPECT-STACK: first free, by thread T0 "main"
//   main <- realloc
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 16 bytes, from malloc, freed
#include <cstdlib>

#include "testdata/bugs/bug.h"

int main() {
  void* block = Opaque(malloc(16));                     // <- allocation
  void* moved = Opaque(realloc(Opaque(block), 40000));  // <- realloc
#ifndef FIXED
  free(Opaque(block));  // <- stale free
#endif
  free(Opaque(moved));
  return 0;
}
