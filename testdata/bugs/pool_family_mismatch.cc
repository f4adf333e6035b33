// BUG: the pool serves, and what malloc made is deleted.
// EXPECT-KIND: family-mismatch
// EXPECT-OPTIONS: allocator=pool
// EXPECT-SENTENCE: operator delete of ADDR, the start (offset 0) of a 40-byte
//   block that malloc allocated
// EXPECT-STACK: freed by the wrong function, by thread T0 "main"
//   main <- delete
// EXPECT-BLOCK: 40 bytes, alignment 16, from malloc, small tier, live
#include <cstdlib>

#include "testdata/bugs/bug.h"

int main() {
  char* block = static_cast<char*>(Opaque(malloc(40)));
#ifdef FIXED
  free(Opaque(block));
#else
  delete Opaque(block);  // <- delete
#endif
  return 0;
}
