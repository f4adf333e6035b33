// BUG: the length of an array changed between new and the sized delete.
// EXPECT-KIND: size-mismatch
// EXPECT-SENTENCE: operator delete[] of ADDR with size 120, but it is the
//   start (offset 0) of a 100-byte block
// EXPECT-STACK: freed with the wrong size, by thread T0 "main"
//   main <- delete
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- new
// EXPECT-BLOCK: 100 bytes, from operator new[], live
#include <new>

#include "testdata/bugs/bug.h"

int main() {
  size_t length = 100;
  void* array = Opaque(::operator new[](length));  // <- new
#ifndef FIXED
  length += 20;
#endif
  ::operator delete[](Opaque(array), length);  // <- delete
  return 0;
}
