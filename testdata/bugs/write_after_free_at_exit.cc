// BUG: a freed block is written to; seen when the program ends.
// EXPECT-KIND: write-after-free
// EXPECT-SENTENCE: 4 bytes overwritten from ADDR on, offset 8 in a 100-byte
//   block at ADDR that was freed...
// EXPECT-STACK: found at exit, by thread T0 "main"
// EXPECT-STACK: freed, by thread T0 "main"
//   Release <- free
//   main <- release
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-SUMMARY: Release <- free
// EXPECT-BLOCK: 100 bytes, from malloc, freed
// EXPECT-DAMAGE: 4 bytes from ADDR on, offset 8 in the block
#include <cstdlib>

#include "testdata/bugs/bug.h"

static void Release(void* block) {
  free(Opaque(block));  // <- free
}

int main() {
  void* block = Opaque(malloc(100));  // <- allocation
  Release(block);                     // <- release
#ifndef FIXED
  for (int i = 8; i < 12; ++i) Poke(block, i, 'l');
#endif
  return 0;
}
