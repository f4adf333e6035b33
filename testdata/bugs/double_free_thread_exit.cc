// BUG: the destructor of a thread's own data, which runs as the thread ends,
// frees what the thread has freed.
// EXPECT-KIND: double-free
// EXPECT-SENTENCE: operator delete of ADDR, the start (offset 0) of a 48-byte
//   block that was freed N heap operations earlier
// EXPECT-STACK: second free, by thread T1 "worker"
//   Drop <- delete
// EXPECT-STACK: first free, by thread T1 "worker"
//   Drop <- delete
//   Work <- in the thread
// EXPECT-STACK: allocated, by thread T1 "worker"
//   Work <- allocation
// EXPECT-BLOCK: 48 bytes, from operator new, freed
#include <pthread.h>

#include "testdata/bugs/bug.h"

struct Cache {
  char data[48];
};

static pthread_key_t key;

static void Drop(void* cache) {
  delete Opaque(static_cast<Cache*>(cache));  // <- delete
}

static void* Work(void*) {
  pthread_setname_np(pthread_self(), "worker");
  Cache* cache = Opaque(new Cache);  // <- allocation
  pthread_setspecific(key, cache);
#ifndef FIXED
  Drop(cache);  // <- in the thread
#endif
  return nullptr;
}

int main() {
  pthread_key_create(&key, Drop);
  pthread_t thread;
  pthread_create(&thread, nullptr, Work, nullptr);
  pthread_join(thread, nullptr);
  return 0;
}
