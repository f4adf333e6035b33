// BUG: a pointer is written behind its array, between two blocks of others.
// EXPECT-KIND: heap-buffer-overflow
// EXPECT-SENTENCE: 8 bytes overwritten from ADDR on, right behind the end
//   (offset 32) of a 32-byte block at ADDR
// EXPECT-STACK: found at free, by thread T0 "main"
//   main <- free
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- array
// EXPECT-BLOCK: 32 bytes, from malloc, live; allocated N heap operations
//   earlier (... ms ago)
// EXPECT-DAMAGE: 8 bytes from ADDR on, offset 32 in the block
// EXPECT-LOOKS-LIKE: the address ADDR, the start (offset 0) of a 32-byte block,
//   live
// EXPECT-BLOCK-BEFORE: 30 bytes, from operator new[], freed; allocated N heap
//   operations earlier (... ms ago), freed N heap operations earlier (... ms
//   ago)
// EXPECT-BLOCK-AFTER: 32 bytes, from malloc, live; allocated N heap
//   operations earlier (... ms ago)
// EXPECT-BYSTANDER: block before freed, by thread T0 "main"
//   main <- delete
// EXPECT-BYSTANDER: block before allocated, by thread T0 "main"
//   main <- before
// EXPECT-BYSTANDER: block after allocated, by thread T0 "main"
//   MakeName <- allocation
//   main <- name
#include <cstdlib>

#include "testdata/bugs/bug.h"

[[gnu::noinline]] static char* MakeName() {
  return Opaque(static_cast<char*>(malloc(32)));  // <- allocation
}

int main() {
  char* before = Opaque(new char[30]);                     // <- before
  char** names = Opaque(static_cast<char**>(malloc(32)));  // <- array
  char* name = MakeName();                                 // <- name
  delete[] Opaque(before);                                 // <- delete
#ifdef FIXED
  Opaque(names)[3] = name;
#else
  Opaque(names)[4] = name;
#endif
  free(Opaque(names));  // <- free
  free(name);
  return 0;
}
