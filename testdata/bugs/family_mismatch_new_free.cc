// BUG: new made the block, free frees it.
// EXPECT-KIND: family-mismatch
// EXPECT-SENTENCE: free of ADDR, the start (offset 0) of a
//   20-byte block that operator new allocated
// EXPECT-STACK: freed by the wrong function, by thread T0 "main"
//   main <- wrong free
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 20 bytes, from operator new, live
#include <cstdlib>

#include "testdata/bugs/bug.h"

struct Item {
  char text[20];
};

int main() {
  Item* item = Opaque(new Item);  // <- allocation
#ifdef FIXED
  delete Opaque(item);
#else
  free(Opaque(item));  // <- wrong free
#endif
  return 0;
}
