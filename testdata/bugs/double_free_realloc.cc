// BUG: a freed pointer is given to realloc.
// EXPECT-KIND: double-free
// EXPECT-SENTENCE: realloc of ADDR, the start (offset 0) of a 16-byte block
//   that was freed 1 heap operation earlier
// EXPECT-STACK: second free, through realloc, by thread T0 "main"
//   Grow <- realloc
//   main <- growth
// EXPECT-STACK: first free, by thread T0 "main"
//   main <- free
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 16 bytes, from malloc, freed
#include <cstdlib>

#include "testdata/bugs/bug.h"

static void* Grow(void* block) {
  return Opaque(realloc(Opaque(block), 4000));  // <- realloc
}

int main() {
  void* block = Opaque(malloc(16));  // <- allocation
#ifndef FIXED
  free(Opaque(block));  // <- free
#endif
  block = Grow(block);  // <- growth
  free(Opaque(block));
  return 0;
}
