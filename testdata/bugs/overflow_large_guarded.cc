// BUG: a block of many pages is read right behind its end.
// EXPECT-OPTIONS: guard=all
// EXPECT-KIND: heap-buffer-overflow
// EXPECT-SENTENCE: read of ADDR, right behind the end (offset 2000000) of a
//   2000000-byte block at ADDR
// EXPECT-STACK: accessed, by thread T0 "main"
//   main <- read
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 2000000 bytes, from malloc, live
#include <cstdlib>

#include "testdata/bugs/bug.h"

int main() {
  volatile char* block =
      Opaque(static_cast<char*>(calloc(1, 2'000'000)));  // <- allocation
#ifdef FIXED
  int found = block[1'999'999];
#else
  int found = block[2'000'000];  // <- read
#endif
  free(Opaque(const_cast<char*>(block)));
  return found;
}
