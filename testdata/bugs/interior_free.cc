// BUG: a pointer that was moved along its block is freed.
// EXPECT-KIND: interior-free
// EXPECT-SENTENCE: free of ADDR, offset 8 in a 48-byte block at ADDR, which is
//   not its start
// EXPECT-STACK: interior free, by thread T0 "main"
//   main <- free
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 48 bytes, from malloc, live
#include <cstdlib>

#include "testdata/bugs/bug.h"

int main() {
  char* text = Opaque(static_cast<char*>(malloc(48)));  // <- allocation
#ifndef FIXED
  text += 8;
#endif
  free(Opaque(text));  // <- free
  return 0;
}
