// BUG: an index of -4 is written to.
// EXPECT-KIND: heap-buffer-underflow
// EXPECT-SENTENCE: 1 byte overwritten from ADDR on, 4 bytes before the start
//   (offset -4) of a 50-byte block at ADDR
// EXPECT-STACK: found at free, by thread T0 "main"
//   main <- free
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 50 bytes, from malloc, live
// EXPECT-DAMAGE: 1 byte from ADDR on, offset -4 in the block
#include <cstdlib>

#include "testdata/bugs/bug.h"

int main() {
  void* block = Opaque(malloc(50));  // <- allocation
#ifndef FIXED
  Poke(block, -4);
#endif
  free(Opaque(block));  // <- free
  return 0;
}
