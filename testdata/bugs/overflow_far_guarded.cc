// BUG: an index is wrong by far: the access lands between two blocks, nearer to
// the first.
// EXPECT-OPTIONS: guard=all
// EXPECT-KIND: heap-buffer-overflow
// EXPECT-SENTENCE: read of ADDR, 2000 bytes behind the end (offset 2064) of a
//   64-byte block at ADDR
// EXPECT-STACK: accessed, by thread T0 "main"
//   main <- read
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 64 bytes, from malloc, live
#include <cstdlib>

#include "testdata/bugs/bug.h"

int main() {
  volatile char* block =
      Opaque(static_cast<char*>(calloc(1, 64)));  // <- allocation
  void* next = Opaque(malloc(64));
#ifdef FIXED
  int found = block[63];
#else
  int found = block[2064];  // <- read
#endif
  free(next);
  free(Opaque(const_cast<char*>(block)));
  return found;
}
