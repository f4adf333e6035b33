// BUG: bytes behind the block are written; seen when it grows.
// EXPECT-KIND: heap-buffer-overflow
// EXPECT-SENTENCE: 3 bytes overwritten from ADDR on, 4 bytes behind the end
//   (offset 104) of a 100-byte block at ADDR
// EXPECT-STACK: found at a resize, by thread T0 "main"
//   main <- growth
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 100 bytes, from malloc, live
// EXPECT-DAMAGE: 3 bytes from ADDR on, offset 104 in the block
#include <cstdlib>

#include "testdata/bugs/bug.h"

int main() {
  void* block = Opaque(malloc(100));  // <- allocation
#ifndef FIXED
  for (int i = 104; i < 107; ++i) Poke(block, i);
#endif
  block = Opaque(realloc(Opaque(block), 5000));  // <- growth
  free(Opaque(block));
  return 0;
}
