// BUG: a block is overrun; with check_heap_every=1 the next heap operation,
// on another block, finds it.
// EXPECT-KIND: heap-buffer-overflow
// EXPECT-OPTIONS: check_heap_every=1
// EXPECT-SENTENCE: 1 byte overwritten from ADDR on, right behind the end
//   (offset 30) of a 30-byte block at ADDR
// EXPECT-STACK: checked, by thread T0 "main"
//   main <- next operation
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-SUMMARY: main <- allocation
// EXPECT-BLOCK: 30 bytes, from malloc, live
// EXPECT-DAMAGE: 1 byte from ADDR on, offset 30 in the block
#include <cstdlib>

#include "testdata/bugs/bug.h"

int main() {
  void* block = Opaque(malloc(30));  // <- allocation
#ifndef FIXED
  Poke(block, 30);
#endif
  void* other = Opaque(malloc(5000));  // <- next operation
  free(Opaque(block));
  free(Opaque(other));
  return 0;
}
