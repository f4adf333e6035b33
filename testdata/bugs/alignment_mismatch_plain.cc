// BUG: over-aligned memory is given to the plain operator delete.
// EXPECT-KIND: alignment-mismatch
// EXPECT-SENTENCE: operator delete of ADDR without an alignment, but it is the
//   start (offset 0) of a 200-byte block with alignment 64
// EXPECT-STACK: freed with the wrong alignment, by thread T0 "main"
//   main <- delete
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- new
// EXPECT-BLOCK: 200 bytes, alignment 64, from operator new, live
#include <new>

#include "testdata/bugs/bug.h"

int main() {
  constexpr std::align_val_t kAlignment{64};
  void* block = Opaque(::operator new(200, kAlignment));  // <- new
#ifdef FIXED
  ::operator delete(Opaque(block), kAlignment);
#else
  ::operator delete(Opaque(block));  // <- delete
#endif
  return 0;
}
