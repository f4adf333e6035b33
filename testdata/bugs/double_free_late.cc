// BUG: the second free comes after 100 MB of other blocks came and went, when
// the memory of the first has long left the quarantine.
// EXPECT-KIND: double-free
// EXPECT-SENTENCE: free of ADDR, the start (offset 0) of a 40-byte block that
//   was freed N heap operations earlier
// EXPECT-STACK: second free, by thread T0 "main"
//   main <- second free
// EXPECT-STACK: first free, by thread T0 "main"
//   main <- first free
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 40 bytes, from malloc, freed
#include <cstdlib>
#include <cstring>

#include "testdata/bugs/bug.h"

static void Churn(size_t total, size_t size) {
  for (size_t done = 0; done < total; done += size) {
    void* block = Opaque(malloc(size));
    memset(block, 1, size);
    free(Opaque(block));
  }
}

int main() {
  void* block = Opaque(malloc(40));  // <- allocation
  free(Opaque(block));               // <- first free
  Churn(50'000'000, 40);
  Churn(50'000'000, 3000);
#ifndef FIXED
  free(Opaque(block));  // <- second free
#endif
  return 0;
}
