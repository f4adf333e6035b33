// BUG: a freed block is the source of a memcpy.
// EXPECT-OPTIONS: guard=all
// EXPECT-KIND: use-after-free
// EXPECT-SENTENCE: read of ADDR, ...a 3000-byte block...that was freed 1 heap
//   operation earlier
// EXPECT-STACK: accessed, by thread T0 "main"
//   ...
//   main <- memcpy
// EXPECT-STACK: freed, by thread T0 "main"
//   main <- free
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-SUMMARY: main <- memcpy
// EXPECT-BLOCK: 3000 bytes, from malloc, freed
#include <cstdlib>
#include <cstring>

#include "testdata/bugs/bug.h"

// The library's, whatever the compiler thinks of it.
static void* (*volatile copy)(void*, const void*, size_t) = memcpy;

int main() {
  static char target[3000];
  char* block = Opaque(static_cast<char*>(calloc(1, 3000)));  // <- allocation
#ifdef FIXED
  copy(target, block, 3000);
#endif
  free(Opaque(block));  // <- free
#ifndef FIXED
  copy(target, block, 3000);  // <- memcpy
#endif
  return target[0];
}
