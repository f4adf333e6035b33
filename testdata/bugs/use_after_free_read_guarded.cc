// BUG: a freed block is read; it became inaccessible when it was freed.
// EXPECT-OPTIONS: guard=all
// EXPECT-KIND: use-after-free
// EXPECT-SENTENCE: read of ADDR, offset 8 in a 40-byte block at ADDR that was
//   freed 1 heap operation earlier
// EXPECT-STACK: accessed, by thread T0 "main"
//   main <- read
// EXPECT-STACK: freed, by thread T0 "main"
//   Release <- free
//   main <- release
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 40 bytes, from malloc, freed
#include <cstdlib>

#include "testdata/bugs/bug.h"

static void Release(void* block) {
  free(Opaque(block));  // <- free
}

int main() {
  volatile char* block =
      Opaque(static_cast<char*>(calloc(1, 40)));  // <- allocation
#ifdef FIXED
  int found = block[8];
  Release(const_cast<char*>(block));
#else
  Release(const_cast<char*>(block));  // <- release
  int found = block[8];               // <- read
#endif
  return found;
}
