// BUG: the first bytes of a block are written to after it was freed; the pool
// stops before it hands the block out again.
// EXPECT-KIND: metadata-corruption
// EXPECT-OPTIONS: allocator=pool
// EXPECT-SENTENCE: the allocator's records about ADDR were overwritten; they
//   now say: the start (offset 0) of a 48-byte block
// EXPECT-STACK: found at an allocation, by thread T0 "main"
//   main <- reuse
// EXPECT-BLOCK: 48 bytes, alignment 16, from Allocate, small tier, freed
#include <cstdlib>
#include <cstring>

#include "testdata/bugs/bug.h"

int main() {
  void* block = Opaque(malloc(40));
  free(Opaque(block));
#ifndef FIXED
  memset(Opaque(block), 'A', 40);
#endif
  free(Opaque(malloc(40)));  // <- reuse
  return 0;
}
