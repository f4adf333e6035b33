// BUG: one byte is read behind a block of 24; it ends at an inaccessible page.
// EXPECT-OPTIONS: guard=all:guard_align=exact
// EXPECT-KIND: heap-buffer-overflow
// EXPECT-SENTENCE: read of ADDR, right behind the end (offset 24) of a 24-byte
//   block at ADDR
// EXPECT-STACK: accessed, by thread T0 "main"
//   At <- read
//   main <- at
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 24 bytes, from malloc, live
// EXPECT-HINT: this access went over
#include <cstdlib>

#include "testdata/bugs/bug.h"

[[gnu::noinline]] static char At(const volatile char* block, int index) {
  return block[index];  // <- read
}

int main() {
  char* block = Opaque(static_cast<char*>(malloc(24)));  // <- allocation
  block[23] = 0;
#ifdef FIXED
  int last = At(block, 23);
#else
  int last = At(block, 24);  // <- at
#endif
  free(block);
  return last;
}
