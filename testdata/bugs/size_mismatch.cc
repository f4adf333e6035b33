// BUG: an object is deleted through a base class without a virtual destructor,
// so delete states the size of the base.
// EXPECT-KIND: size-mismatch
// EXPECT-SENTENCE: operator delete of ADDR with size 16, but it is the start
//   (offset 0) of a 40-byte block
// EXPECT-STACK: freed with the wrong size, by thread T0 "main"
//   Close <- delete
//   main <- close
// EXPECT-STACK: allocated, by thread T0 "main"
//   Open <- new
//   main <- open
// EXPECT-BLOCK: 40 bytes, from operator new, live
#include "testdata/bugs/bug.h"

struct Stream {
  char buffer[16];
};

struct FileStream : Stream {
  char path[24];
};

static Stream* Open() {
  return Opaque(new FileStream);  // <- new
}

static void Close(Stream* stream) {
#ifdef FIXED
  delete static_cast<FileStream*>(Opaque(stream));
#else
  delete Opaque(stream);  // <- delete
#endif
}

int main() {
  Stream* stream = Open();  // <- open
  Close(stream);            // <- close
  return 0;
}
