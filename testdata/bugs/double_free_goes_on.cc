// BUG: the block is freed twice, and the program is told to go on: it ends by
// itself, with the status of a program that had an error.
// EXPECT-KIND: double-free
// EXPECT-OPTIONS: halt_on_error=0:exitcode=7
// EXPECT-STATUS: 7
// EXPECT-OUTPUT: the end
// EXPECT-SENTENCE: free of ADDR, the start (offset 0) of a 16-byte block that
//   was freed 1 heap operation earlier
// EXPECT-STACK: second free, by thread T0 "main"
//   main <- second free
// EXPECT-STACK: first free, by thread T0 "main"
//   main <- first free
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 16 bytes, from malloc, freed
#include <cstdio>
#include <cstdlib>

#include "testdata/bugs/bug.h"

int main() {
  void* block = Opaque(malloc(16));  // <- allocation
  free(Opaque(block));               // <- first free
#ifndef FIXED
  free(Opaque(block));  // <- second free
#endif
  puts("the end");
  return 0;
}
