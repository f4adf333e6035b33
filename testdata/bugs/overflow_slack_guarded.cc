// BUG: bytes between the end of a guarded block and its page's end are written;
// nothing faults, and free finds them.
// EXPECT-OPTIONS: guard=all
// EXPECT-KIND: heap-buffer-overflow
// EXPECT-SENTENCE: 3 bytes overwritten from ADDR on, right behind the end
//   (offset 13) of a 13-byte block at ADDR
// EXPECT-STACK: found at free, by thread T0 "main"
//   main <- free
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 13 bytes, from malloc, live
// EXPECT-DAMAGE: 3 bytes from ADDR on, offset 13 in the block
#include <cstdlib>

#include "testdata/bugs/bug.h"

int main() {
  void* block = Opaque(malloc(13));  // <- allocation
#ifndef FIXED
  for (int i = 13; i < 16; ++i) Poke(block, i);
#endif
  free(Opaque(block));  // <- free
  return 0;
}
