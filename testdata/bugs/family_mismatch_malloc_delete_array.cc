// BUG: malloc made the block, delete[] frees it.
// EXPECT-KIND: family-mismatch
// EXPECT-SENTENCE: operator delete[] of ADDR, the start (offset 0) of a
//   20-byte block that malloc allocated
// EXPECT-STACK: freed by the wrong function, by thread T0 "main"
//   main <- wrong free
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 20 bytes, from malloc, live
#include <cstdlib>

#include "testdata/bugs/bug.h"

struct Item {
  char text[20];
};

int main() {
  void* block = malloc(sizeof(Item));  // <- allocation
  Item* item = Opaque(static_cast<Item*>(block));
#ifdef FIXED
  free(Opaque(item));
#else
  delete[] Opaque(item);  // <- wrong free
#endif
  return 0;
}
