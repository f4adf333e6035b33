// BUG: an error code in place of a pointer is deleted.
// EXPECT-KIND: invalid-free
// EXPECT-SENTENCE: operator delete of 0x8, which this heap never handed out...
// EXPECT-STACK: invalid free, by thread T0 "main"
//   main <- delete
// EXPECT-WHERE: in the null pages, as of a null pointer with an offset
#include "testdata/bugs/bug.h"

int main() {
#ifndef FIXED
  delete Opaque(reinterpret_cast<int*>(8));  // <- delete
#endif
  return 0;
}
