// BUG: a large block grows twice, and is freed twice. Its first trace and that
// of its latest resize are kept, wherever it has moved to.
// EXPECT-KIND: double-free
// EXPECT-OPTIONS: resize_stack_traces=1
// EXPECT-SENTENCE: free of ADDR, the start (offset 0) of a 90000000-byte block
//   that was freed 1 heap operation earlier
// EXPECT-STACK: second free, by thread T0 "main"
//   main <- second free
// EXPECT-STACK: first free, by thread T0 "main"
//   main <- first free
// EXPECT-STACK: resized, by thread T0 "main"
//   GrowAgain <- last growth
//   main <- growing again
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 90000000 bytes, from malloc, freed
#include <cstdlib>

#include "testdata/bugs/bug.h"

static void* GrowAgain(void* block) {
  return Opaque(realloc(Opaque(block), 90'000'000));  // <- last growth
}

int main() {
  void* block = Opaque(malloc(100'000));  // <- allocation
  block = Opaque(realloc(block, 200'000));
  // In the way of growing in place.
  void* other = Opaque(malloc(100'000));
  block = GrowAgain(block);  // <- growing again
  free(other);
  free(Opaque(block));  // <- first free
#ifndef FIXED
  free(Opaque(block));  // <- second free
#endif
  return 0;
}
