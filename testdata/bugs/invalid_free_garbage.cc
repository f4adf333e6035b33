// BUG: bytes that were never a pointer are freed.
// EXPECT-KIND: invalid-free
// EXPECT-SENTENCE: free of 0xdeadbeefdeadbeef, which this heap never handed
//   out...
// EXPECT-STACK: invalid free, by thread T0 "main"
//   main <- free
#include <cstdint>
#include <cstdlib>

#include "testdata/bugs/bug.h"

int main() {
#ifndef FIXED
  free(Opaque(reinterpret_cast<void*>(0xdeadbeefdeadbeef)));  // <- free
#endif
  return 0;
}
