// BUG: the old pointer is used after realloc has moved the block.
// EXPECT-OPTIONS: guard=all
// EXPECT-KIND: use-after-free
// EXPECT-SENTENCE: write to ADDR, the start (offset 0) of a 32-byte block that
//   was freed 1 heap operation earlier
// EXPECT-STACK: accessed, by thread T0 "main"
//   main <- write
// EXPECT-STACK: freed, by thread T0 "main"
//   main <- realloc
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 32 bytes, from malloc, freed
#include <cstdlib>

#include "testdata/bugs/bug.h"

int main() {
  volatile char* before =
      Opaque(static_cast<char*>(malloc(32)));  // <- allocation
  void* old_block = const_cast<char*>(before);
  void* after = Opaque(realloc(Opaque(old_block), 5000));  // <- realloc
#ifndef FIXED
  *before = 'x';  // <- write
#endif
  free(after);
  return 0;
}
