// BUG: the pool serves, and an object is deleted as one of another size.
// EXPECT-KIND: size-mismatch
// EXPECT-OPTIONS: allocator=pool
// EXPECT-SENTENCE: operator delete of ADDR with size 16, but it is the start
//   (offset 0) of a 40-byte block
// EXPECT-STACK: freed with the wrong size, by thread T0 "main"
//   main <- delete
// EXPECT-BLOCK: 40 bytes, from operator new, small tier, live
#include "testdata/bugs/bug.h"

struct Stream {
  char buffer[16];
};

struct FileStream : Stream {
  char path[24];
};

int main() {
  Stream* stream = Opaque(static_cast<Stream*>(new FileStream));
#ifdef FIXED
  delete static_cast<FileStream*>(Opaque(stream));
#else
  delete Opaque(stream);  // <- delete
#endif
  return 0;
}
