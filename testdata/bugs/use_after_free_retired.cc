// BUG: a pointer outlives its block by far: the block's span has left the
// quarantine, so its memory is gone.
// EXPECT-OPTIONS: guard=none:quarantine_size=0
// EXPECT-KIND: use-after-free
// EXPECT-SENTENCE: read of ADDR, the start (offset 0) of a 64-byte block that
//   was freed N heap operations earlier
// EXPECT-STACK: accessed, by thread T0 "main"
//   main <- read
// EXPECT-STACK: freed, by thread T0 "main"
//   main <- free
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 64 bytes, from malloc, freed
#include <cstdlib>
#include <cstring>

#include "testdata/bugs/bug.h"

int main() {
  volatile char* stale =
      Opaque(static_cast<char*>(calloc(1, 64)));  // <- allocation
#ifdef FIXED
  int found = stale[0];
#endif
  free(Opaque(const_cast<char*>(stale)));  // <- free
  // More than a span's worth, all freed.
  void* others[4000];
  for (void*& other : others) other = Opaque(malloc(64));
  for (void* other : others) free(Opaque(other));
#ifndef FIXED
  int found = *stale;  // <- read
#endif
  return found;
}
