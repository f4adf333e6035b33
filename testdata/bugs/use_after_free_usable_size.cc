// BUG: the size of a freed block is asked for.
// EXPECT-KIND: use-after-free
// EXPECT-SENTENCE: malloc_usable_size of ADDR, the start (offset 0) of a
//   16-byte block that was freed...
// EXPECT-STACK: asked for its size, by thread T0 "main"
//   Ask <- question
//   main <- too late
// EXPECT-STACK: freed, by thread T0 "main"
//   main <- free
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 16 bytes, from malloc, freed
#include <malloc.h>

#include <cstdlib>

#include "testdata/bugs/bug.h"

static size_t Ask(void* block) {
  size_t size = malloc_usable_size(Opaque(block));  // <- question
  return size;
}

int main() {
  void* block = Opaque(malloc(16));  // <- allocation
#ifdef FIXED
  Ask(block);
#endif
  free(Opaque(block));  // <- free
#ifndef FIXED
  Ask(block);  // <- too late
#endif
  return 0;
}
