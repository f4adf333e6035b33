// BUG: an array is deleted twice.
// EXPECT-KIND: double-free
// EXPECT-SENTENCE: operator delete[] of ADDR, the start (offset 0) of a
//   10-byte block that was freed 1 heap operation earlier
// EXPECT-STACK: second free, by thread T0 "main"
//   main <- second delete
// EXPECT-STACK: first free, by thread T0 "main"
//   main <- first delete
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- new
// EXPECT-BLOCK: 10 bytes, from operator new[], freed
#include "testdata/bugs/bug.h"

int main() {
  char* text = Opaque(new char[10]);  // <- new
  delete[] Opaque(text);              // <- first delete
#ifndef FIXED
  delete[] Opaque(text);  // <- second delete
#endif
  return 0;
}
