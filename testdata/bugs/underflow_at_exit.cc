// BUG: the bytes before a block are written; it is never freed, and exit finds
// them.
// EXPECT-KIND: heap-buffer-underflow
// EXPECT-SENTENCE: 4 bytes overwritten from ADDR on, 4 bytes before the start
//   (offset -4) of a 48-byte block at ADDR
// EXPECT-STACK: found at exit, by thread T0 "main"
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-SUMMARY: main <- allocation
// EXPECT-BLOCK: 48 bytes, from malloc, live
// EXPECT-DAMAGE: 4 bytes from ADDR on, offset -4 in the block
#include <cstdlib>

#include "testdata/bugs/bug.h"

void* never_freed;  // of the whole program: its last store stays

int main() {
  never_freed = Opaque(malloc(48));  // <- allocation
#ifndef FIXED
  for (int i = -4; i < 0; ++i) Poke(never_freed, i);
#endif
  return 0;
}
