// BUG: a local variable is freed.
// EXPECT-KIND: invalid-free
// EXPECT-SENTENCE: free of ADDR, which this heap never handed out...
// EXPECT-STACK: invalid free, by thread T0 "main"
//   main <- free
// EXPECT-WHERE: on the stack of this thread
#include <cstdlib>

#include "testdata/bugs/bug.h"

int main() {
  char local[64];
  char* heap = Opaque(static_cast<char*>(malloc(64)));
#ifdef FIXED
  free(Opaque(heap));
#else
  free(Opaque(&local[0]));  // <- free
#endif
  return 0;
}
