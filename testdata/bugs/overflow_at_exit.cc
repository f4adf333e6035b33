// BUG: a block that is never freed is overrun; seen when the program ends.
// EXPECT-KIND: heap-buffer-overflow
// EXPECT-OUTPUT: the end
// EXPECT-SENTENCE: 1 byte overwritten from ADDR on, right behind the end
//   (offset 24) of a 24-byte block at ADDR
// EXPECT-STACK: found at exit, by thread T0 "main"
// EXPECT-STACK: allocated, by thread T0 "main"
//   MakeTable <- allocation
//   main <- table
// EXPECT-SUMMARY: MakeTable <- allocation
// EXPECT-BLOCK: 24 bytes, from malloc, live
// EXPECT-DAMAGE: 1 byte from ADDR on, offset 24 in the block
#include <cstdio>
#include <cstdlib>

#include "testdata/bugs/bug.h"

// Volatile, so that it is stored, and the block no leak.
static void* volatile table;

static void MakeTable() {
  table = Opaque(malloc(24));  // <- allocation
}

int main() {
  MakeTable();  // <- table
#ifndef FIXED
  Poke(table, 24);
#endif
  puts("the end");
  return 0;
}
