// BUG: an index that ran far out of a block is freed: the place is the heap's,
// but was never handed out. The report names the nearest block.
// EXPECT-KIND: invalid-free
// EXPECT-SENTENCE: free of ADDR, which this heap never handed out: N bytes
//   behind the end (offset N) of a 480-byte block at ADDR
// EXPECT-STACK: invalid free, by thread T0 "main"
//   main <- free
// EXPECT-STACK: nearest block allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 480 bytes, from malloc, live
#include <cstdlib>

#include "testdata/bugs/bug.h"

int main() {
  char* block = Opaque(static_cast<char*>(malloc(480)));  // <- allocation
#ifndef FIXED
  free(Opaque(block + 6400));  // <- free
#endif
  free(Opaque(block));
  return 0;
}
