// BUG: a loop writes one element too many; the slack behind the block takes
// what its alignment leaves, then comes the inaccessible page.
// EXPECT-OPTIONS: guard=all
// EXPECT-KIND: heap-buffer-overflow
// EXPECT-SENTENCE: write to ADDR, right behind the end (offset 64) of a 64-byte
//   block at ADDR
// EXPECT-STACK: accessed, by thread T0 "main"
//   Fill <- write
//   main <- fill
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 64 bytes, from operator new[], live
#include "testdata/bugs/bug.h"

[[gnu::noinline]] static void Fill(volatile int* numbers, int count) {
  for (int i = 0; i < count; ++i) {
    numbers[i] = i;  // <- write
  }
}

int main() {
  int* numbers = Opaque(new int[16]);  // <- allocation
#ifdef FIXED
  Fill(numbers, 16);
#else
  Fill(numbers, 17);  // <- fill
#endif
  delete[] Opaque(numbers);
  return 0;
}
