// BUG: two threads free one block at the same moment.
// EXPECT-KIND: double-free
// EXPECT-SENTENCE: free of ADDR, the start (offset 0) of a 64-byte block that
//   was freed...
// EXPECT-STACK: second free, by thread T* "racer"
//   Race <- free
// EXPECT-STACK: first free, by thread T* "racer"
//   Race <- free
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 64 bytes, from malloc, freed
#include <pthread.h>

#include <atomic>
#include <cstdlib>

#include "testdata/bugs/bug.h"

static std::atomic<int> ready{0};

static void* Race(void* block) {
  pthread_setname_np(pthread_self(), "racer");
#ifdef FIXED
  if (ready.fetch_add(1) > 0) return nullptr;
#else
  ready.fetch_add(1);
  while (ready.load() < 2) {
  }
#endif
  free(Opaque(block));  // <- free
  return nullptr;
}

int main() {
  void* block = Opaque(malloc(64));  // <- allocation
  pthread_t threads[2];
  for (pthread_t& thread : threads) {
    pthread_create(&thread, nullptr, Race, block);
  }
  for (pthread_t thread : threads) pthread_join(thread, nullptr);
  return 0;
}
