// BUG: a loop runs over the end of a vector; seen when the vector goes.
// EXPECT-KIND: heap-buffer-overflow
// EXPECT-SENTENCE: 4 bytes overwritten from ADDR on, right behind the end
//   (offset 40) of a 40-byte block at ADDR
// EXPECT-STACK: found at free, by thread T0 "main"
//   ...
//   Sum <- end of the vector
//   main <- call
// EXPECT-STACK: allocated, by thread T0 "main"
//   ...
//   Sum <- vector
//   main <- call
// EXPECT-SUMMARY: Sum <- end of the vector
// EXPECT-BLOCK: 40 bytes, from operator new, live
// EXPECT-DAMAGE: 4 bytes from ADDR on, offset 40 in the block
#include <vector>

#include "testdata/bugs/bug.h"

static int Sum(int last) {
  std::vector<int> squares(10);  // <- vector
  volatile int* place = Opaque(squares.data());
  for (int i = 0; i < last; ++i) place[i] = i * i;
  return place[3];
}  // <- end of the vector

int main() {
#ifdef FIXED
  constexpr int kLast = 10;
#else
  constexpr int kLast = 11;
#endif
  int sum = Sum(kLast);  // <- call
  return sum == 9 ? 0 : 3;
}
