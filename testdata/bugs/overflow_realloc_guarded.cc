// BUG: a block that realloc made longer is written one byte too far.
// EXPECT-OPTIONS: guard=all
// EXPECT-KIND: heap-buffer-overflow
// EXPECT-SENTENCE: write to ADDR, right behind the end (offset 4096) of a
//   4096-byte block at ADDR
// EXPECT-STACK: accessed, by thread T0 "main"
//   main <- write
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- realloc
// EXPECT-BLOCK: 4096 bytes, from malloc, live
#include <cstdlib>

#include "testdata/bugs/bug.h"

int main() {
  char* block = Opaque(static_cast<char*>(malloc(24)));
  block = Opaque(static_cast<char*>(realloc(block, 4096)));  // <- realloc
  volatile char* bytes = block;
  bytes[4095] = 'x';
#ifndef FIXED
  bytes[4096] = 'x';  // <- write
#endif
  free(block);
  return 0;
}
