// BUG: the second page of a large block is freed.
// EXPECT-KIND: interior-free
// EXPECT-SENTENCE: free of ADDR, offset 4096 in a 3000000-byte block at ADDR,
//   which is not its start
// EXPECT-STACK: interior free, by thread T0 "main"
//   main <- free
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 3000000 bytes, from malloc, live
#include <cstdlib>

#include "testdata/bugs/bug.h"

int main() {
  char* image = Opaque(static_cast<char*>(malloc(3'000'000)));  // <- allocation
#ifndef FIXED
  image += 4096;
#endif
  free(Opaque(image));  // <- free
  return 0;
}
