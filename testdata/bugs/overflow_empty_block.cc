// BUG: an empty block is read: it has no byte that anybody may touch.
// EXPECT-OPTIONS: guard=all
// EXPECT-KIND: heap-buffer-overflow
// EXPECT-SENTENCE: read of ADDR, the start (offset 0) of a 0-byte block
// EXPECT-STACK: accessed, by thread T0 "main"
//   main <- read
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 0 bytes, from malloc, live
#include <cstdlib>

#include "testdata/bugs/bug.h"

int main() {
  volatile char* block =
      Opaque(static_cast<char*>(malloc(0)));  // <- allocation
  int found = 0;
#ifndef FIXED
  found = *block;  // <- read
#endif
  free(Opaque(const_cast<char*>(block)));
  return found;
}
