// BUG: memory that was asked for with alignment 64 is given back as aligned to
// 128.
// EXPECT-KIND: alignment-mismatch
// EXPECT-SENTENCE: operator delete of ADDR with alignment 128, but it is the
//   start (offset 0) of a 200-byte block with alignment 64
// EXPECT-STACK: freed with the wrong alignment, by thread T0 "main"
//   main <- delete
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- new
// EXPECT-BLOCK: 200 bytes, alignment 64, from operator new, live
#include <new>

#include "testdata/bugs/bug.h"

int main() {
  constexpr std::align_val_t kAllocated{64};
#ifdef FIXED
  constexpr std::align_val_t kFreed{64};
#else
  constexpr std::align_val_t kFreed{128};
#endif
  void* block = Opaque(::operator new(200, kAllocated));  // <- new
  ::operator delete(Opaque(block), kFreed);               // <- delete
  return 0;
}
