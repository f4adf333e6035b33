// BUG: the kernel is asked to fill a block that was freed. Nothing faults, and
// without guard pages nothing would be refused either.
// EXPECT-KIND: use-after-free
// EXPECT-SENTENCE: write to ADDR by read, the start (offset 0) of a 100-byte
//   block that was freed 1 heap operation earlier
// EXPECT-STACK: accessed, by thread T0 "main"
//   Fill <- read
//   main <- fill
// EXPECT-STACK: freed, by thread T0 "main"
//   main <- free
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 100 bytes, from malloc, freed
// EXPECT-HINT: the pointer outlived its block
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

#include "testdata/bugs/bug.h"

[[gnu::noinline]] static ssize_t Fill(int file, void* block) {
  return read(file, block, 100);  // <- read
}

int main() {
  const int file = open("/dev/zero", O_RDONLY);
  void* block = Opaque(malloc(100));  // <- allocation
#ifdef FIXED
  ssize_t filled = Fill(file, block);
#endif
  free(Opaque(block));  // <- free
#ifndef FIXED
  ssize_t filled = Fill(file, block);  // <- fill
#endif
  return filled == 100 ? 0 : 2;
}
