// BUG: main hands a block to two threads, and each of them frees it.
// EXPECT-KIND: double-free
// EXPECT-SENTENCE: free of ADDR, the start (offset 0) of a 100-byte block that
//   was freed N heap operations earlier
// EXPECT-STACK: second free, by thread T2 "consumer"
//   Release <- free
//   Consume <- consumer releases
// EXPECT-STACK: first free, by thread T1 "producer"
//   Release <- free
//   Produce <- producer releases
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 100 bytes, from malloc, freed
#include <pthread.h>

#include <cstdlib>

#include "testdata/bugs/bug.h"

static void Release(void* block) {
  free(Opaque(block));  // <- free
}

static void* Produce(void* block) {
  pthread_setname_np(pthread_self(), "producer");
  Release(block);  // <- producer releases
  return nullptr;
}

static void* Consume(void* block) {
  pthread_setname_np(pthread_self(), "consumer");
#ifndef FIXED
  Release(block);  // <- consumer releases
#endif
  return nullptr;
}

static void RunThread(void* (*body)(void*), void* block) {
  pthread_t thread;
  pthread_create(&thread, nullptr, body, block);
  pthread_join(thread, nullptr);
}

int main() {
  void* block = Opaque(malloc(100));  // <- allocation
  RunThread(Produce, block);
  RunThread(Consume, block);
  return 0;
}
