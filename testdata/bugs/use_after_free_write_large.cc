// BUG: a large block is written after it was freed; its pages went at once, in
// every mode.
// EXPECT-OPTIONS: guard=none
// EXPECT-KIND: use-after-free
// EXPECT-SENTENCE: write to ADDR, offset 500000 in a 1000000-byte block at ADDR
//   that was freed 1 heap operation earlier
// EXPECT-STACK: accessed, by thread T0 "main"
//   Put <- write
//   main <- put
// EXPECT-STACK: freed, by thread T0 "main"
//   main <- free
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 1000000 bytes, from malloc, freed
#include <cstdlib>

#include "testdata/bugs/bug.h"

[[gnu::noinline]] static void Put(volatile char* block, int index) {
  block[index] = 1;  // <- write
}

int main() {
  char* block = Opaque(static_cast<char*>(malloc(1'000'000)));  // <- allocation
#ifdef FIXED
  Put(block, 500'000);
#endif
  free(Opaque(block));  // <- free
#ifndef FIXED
  Put(block, 500'000);  // <- put
#endif
  return 0;
}
