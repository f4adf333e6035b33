// BUG: one thread frees a block that another one still reads.
// EXPECT-OPTIONS: guard=all
// EXPECT-KIND: use-after-free
// EXPECT-SENTENCE: read of ADDR, the start (offset 0) of a 128-byte block that
//   was freed...
// EXPECT-STACK: accessed, by thread T1 "reader"
//   Read <- read
// EXPECT-STACK: freed, by thread T0 "main"
//   main <- free
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 128 bytes, from malloc, freed
#include <pthread.h>

#include <cstdlib>

#include "testdata/bugs/bug.h"

static int found;

static void* Read(void* block) {
  pthread_setname_np(pthread_self(), "reader");
  found = *static_cast<volatile char*>(block);  // <- read
  return nullptr;
}

int main() {
  void* block = Opaque(calloc(1, 128));  // <- allocation
#ifndef FIXED
  free(Opaque(block));  // <- free
#endif
  pthread_t reader;
  pthread_create(&reader, nullptr, Read, block);
  pthread_join(reader, nullptr);
#ifdef FIXED
  free(Opaque(block));
#endif
  return found;
}
