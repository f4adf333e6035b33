// BUG: a string's final zero is written behind its block; seen when the block
// is freed.
// EXPECT-KIND: heap-buffer-overflow
// EXPECT-SENTENCE: 1 byte overwritten from ADDR on, right behind the end
//   (offset 16) of a 16-byte block at ADDR
// EXPECT-STACK: found at free, by thread T0 "main"
//   main <- free
// EXPECT-STACK: allocated, by thread T0 "main"
//   Copy <- allocation
//   main <- copy
// EXPECT-BLOCK: 16 bytes, from malloc, live
// EXPECT-DAMAGE: 1 byte from ADDR on, offset 16 in the block
#include <cstdlib>
#include <cstring>

#include "testdata/bugs/bug.h"

static char* Copy(const char* text) {
  size_t length = strlen(text);
#ifdef FIXED
  ++length;
#endif
  char* copy = Opaque(static_cast<char*>(malloc(length)));  // <- allocation
  for (size_t i = 0; i <= strlen(text); ++i) Poke(copy, i, text[i]);
  return copy;
}

int main() {
  char* copy = Copy("sixteen letters!");  // <- copy
  free(Opaque(copy));                     // <- free
  return 0;
}
