// BUG: a double free so late that the block's record went, since none may be
// retained. It is refused and reported all the same.
// EXPECT-KIND: double-free
// EXPECT-OPTIONS: retain_metadata=0:quarantine_size=0
// EXPECT-SENTENCE: free of ADDR, a block that was freed before and whose
//   record is gone
// EXPECT-STACK: second free, by thread T0 "main"
//   main <- second free
// EXPECT-HINT: retained_records_size
#include <cstdlib>

#include "testdata/bugs/bug.h"

static void Churn(size_t total, size_t size) {
  for (size_t done = 0; done < total; done += size) {
    free(Opaque(malloc(size)));
  }
}

int main() {
  void* block = Opaque(malloc(40));
  free(Opaque(block));
  Churn(20'000'000, 40);
#ifndef FIXED
  free(Opaque(block));  // <- second free
#endif
  return 0;
}
