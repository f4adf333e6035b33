// BUG: a block is overrun; the program asks for a check of the heap and goes
// on.
// EXPECT-KIND: heap-buffer-overflow
// EXPECT-OPTIONS: halt_on_error=0
// EXPECT-OUTPUT: 1 damaged
// EXPECT-OUTPUT-FIXED: 0 damaged
// EXPECT-SENTENCE: 2 bytes overwritten from ADDR on, right behind the end
//   (offset 30) of a 30-byte block at ADDR
// EXPECT-STACK: checked, by thread T0 "main"
//   main <- check
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-SUMMARY: main <- allocation
// EXPECT-BLOCK: 30 bytes, from malloc, live
// EXPECT-DAMAGE: 2 bytes from ADDR on, offset 30 in the block
#include <cstdio>
#include <cstdlib>

#include "dbgalloc/c_api.h"
#include "testdata/bugs/bug.h"

int main() {
  void* block = Opaque(malloc(30));  // <- allocation
#ifndef FIXED
  Poke(block, 30);
  Poke(block, 31);
#endif
  size_t damaged = dbgalloc_check_heap_now();  // <- check
  printf("%zu damaged\n", damaged);
  free(Opaque(block));
  return 0;
}
