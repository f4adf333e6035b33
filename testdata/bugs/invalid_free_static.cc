// BUG: a static variable is freed.
// EXPECT-KIND: invalid-free
// EXPECT-SENTENCE: free of ADDR, which this heap never handed out...
// EXPECT-STACK: invalid free, by thread T0 "main"
//   main <- free
// EXPECT-WHERE: in the code or static data of ...invalid_free_static...
#include <cstdlib>

#include "testdata/bugs/bug.h"

static char table[64];

int main() {
#ifndef FIXED
  free(Opaque(&table[0]));  // <- free
#endif
  return table[0];
}
