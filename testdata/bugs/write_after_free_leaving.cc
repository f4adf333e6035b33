// BUG: a freed block is written to; seen when its memory leaves the
// quarantine.
// EXPECT-KIND: write-after-free
// EXPECT-OPTIONS: quarantine_size=1m
// EXPECT-SENTENCE: 1 byte overwritten from ADDR on, offset 63 in a 64-byte
//   block at ADDR that was freed...
// EXPECT-STACK: found as the memory left the quarantine, by thread T0 "main"
// EXPECT-STACK: freed, by thread T0 "main"
//   main <- free
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-SUMMARY: main <- free
// EXPECT-BLOCK: 64 bytes, from malloc, freed
// EXPECT-DAMAGE: 1 byte from ADDR on, offset 63 in the block
#include <cstdlib>

#include "testdata/bugs/bug.h"

static void Churn(size_t total, size_t size) {
  for (size_t done = 0; done < total; done += size) {
    free(Opaque(malloc(size)));
  }
}

int main() {
  void* block = Opaque(malloc(64));  // <- allocation
  free(Opaque(block));               // <- free
#ifndef FIXED
  Poke(block, 63);
#endif
  Churn(10'000'000, 64);
  return 0;
}
