// BUG: one byte too many of 17, in the rest of the slot that no other block
// uses.
// EXPECT-KIND: heap-buffer-overflow
// EXPECT-SENTENCE: 1 byte overwritten from ADDR on, right behind the end
//   (offset 17) of a 17-byte block at ADDR
// EXPECT-STACK: found at free, by thread T0 "main"
//   main <- delete
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- new
// EXPECT-BLOCK: 17 bytes, from operator new[], live
// EXPECT-DAMAGE: 1 byte from ADDR on, offset 17 in the block
#include "testdata/bugs/bug.h"

int main() {
  char* block = Opaque(new char[17]);  // <- new
#ifndef FIXED
  Poke(block, 17, 0);
#endif
  delete[] Opaque(block);  // <- delete
  return 0;
}
