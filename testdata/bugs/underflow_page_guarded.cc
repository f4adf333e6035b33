// BUG: a byte far before a guarded block is written, in the same page: the side
// without the guard page is all redzone.
// EXPECT-OPTIONS: guard=all
// EXPECT-KIND: heap-buffer-underflow
// EXPECT-SENTENCE: 1 byte overwritten from ADDR on, 3000 bytes before the start
//   (offset -3000) of a 48-byte block at ADDR
// EXPECT-STACK: found at exit, by thread T0 "main"
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-SUMMARY: main <- allocation
// EXPECT-BLOCK: 48 bytes, from malloc, live
// EXPECT-DAMAGE: 1 byte from ADDR on, offset -3000 in the block
#include <cstdlib>

#include "testdata/bugs/bug.h"

void* never_freed;  // of the whole program: its last store stays

int main() {
  never_freed = Opaque(malloc(48));  // <- allocation
#ifndef FIXED
  Poke(never_freed, -3000);
#endif
  return 0;
}
