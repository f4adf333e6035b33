// BUG: more bytes are written to a file than the block has.
// EXPECT-KIND: heap-buffer-overflow
// EXPECT-SENTENCE: read of ADDR by write, right behind the end (offset 100) of
//   a 100-byte block at ADDR
// EXPECT-STACK: accessed, by thread T0 "main"
//   Save <- write
//   main <- save
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 100 bytes, from malloc, live
// EXPECT-HINT: this access went over
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

#include "testdata/bugs/bug.h"

[[gnu::noinline]] static ssize_t Save(const void* block, size_t size) {
  const int file = open("/dev/null", O_WRONLY);
  return write(file, block, size);  // <- write
}

int main() {
  void* block = Opaque(calloc(1, 100));  // <- allocation
#ifdef FIXED
  ssize_t saved = Save(block, 100);
#else
  ssize_t saved = Save(block, 200);  // <- save
#endif
  free(Opaque(block));
  return saved == 100 ? 0 : 2;
}
