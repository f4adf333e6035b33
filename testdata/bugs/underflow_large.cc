// BUG: the bytes before a large block are overwritten.
// EXPECT-KIND: heap-buffer-underflow
// EXPECT-SENTENCE: 8 bytes overwritten from ADDR on, 8 bytes before the start
//   (offset -8) of a 2000000-byte block at ADDR
// EXPECT-STACK: found at free, by thread T0 "main"
//   main <- free
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 2000000 bytes, from malloc, live
// EXPECT-DAMAGE: 8 bytes from ADDR on, offset -8 in the block
#include <cstdlib>

#include "testdata/bugs/bug.h"

int main() {
  void* block = Opaque(malloc(2'000'000));  // <- allocation
#ifndef FIXED
  for (int i = -8; i < 0; ++i) Poke(block, i);
#endif
  free(Opaque(block));  // <- free
  return 0;
}
