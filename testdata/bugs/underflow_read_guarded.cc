// BUG: the byte before a block is read; the block begins at a guard page.
// EXPECT-OPTIONS: guard=all:guard_align=left
// EXPECT-KIND: heap-buffer-underflow
// EXPECT-SENTENCE: read of ADDR, 1 byte before the start (offset -1) of a
//   100-byte block at ADDR
// EXPECT-STACK: accessed, by thread T0 "main"
//   main <- read
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 100 bytes, from malloc, live
// EXPECT-HINT: came before the block
#include <cstdlib>

#include "testdata/bugs/bug.h"

int main() {
  volatile char* block =
      Opaque(static_cast<char*>(calloc(1, 100)));  // <- allocation
#ifdef FIXED
  int found = block[0];
#else
  int found = block[-1];  // <- read
#endif
  free(Opaque(const_cast<char*>(block)));
  return found;
}
