// BUG: a freed block is written to; the program asks for a check of the heap.
// EXPECT-KIND: write-after-free
// EXPECT-SENTENCE: 1 byte overwritten from ADDR on, the start (offset 0) of a
//   64-byte block that was freed...
// EXPECT-STACK: checked, by thread T0 "main"
//   main <- check
// EXPECT-STACK: freed, by thread T0 "main"
//   main <- delete
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- new
// EXPECT-SUMMARY: main <- delete
// EXPECT-BLOCK: 64 bytes, from operator new[], freed
// EXPECT-DAMAGE: 1 byte from ADDR on, offset 0 in the block
#include "dbgalloc/c_api.h"
#include "testdata/bugs/bug.h"

int main() {
  char* block = Opaque(new char[64]);  // <- new
  delete[] Opaque(block);              // <- delete
#ifndef FIXED
  Poke(block, 0);
#endif
  dbgalloc_check_heap_now();  // <- check
  return 0;
}
