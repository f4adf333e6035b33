// BUG: one byte behind a large block.
// EXPECT-KIND: heap-buffer-overflow
// EXPECT-SENTENCE: 1 byte overwritten from ADDR on, right behind the end
//   (offset 1000000) of a 1000000-byte block at ADDR
// EXPECT-STACK: found at free, by thread T0 "main"
//   main <- free
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 1000000 bytes, from malloc, live
// EXPECT-DAMAGE: 1 byte from ADDR on, offset 1000000 in the block
#include <cstdlib>

#include "testdata/bugs/bug.h"

int main() {
  void* block = Opaque(malloc(1'000'000));  // <- allocation
#ifndef FIXED
  Poke(block, 1'000'000);
#endif
  free(Opaque(block));  // <- free
  return 0;
}
