// BUG: a heap that was declared to be one thread's is used by another.
// EXPECT-KIND: thread-misuse
// EXPECT-OPTIONS: check_threads=1
// EXPECT-SENTENCE: operator new[] of 32 bytes by thread T1, but this heap
//   belongs to thread T0
// EXPECT-STACK: used, through operator new[], by thread T1 "intruder"
//   Intrude <- foreign use
// EXPECT-STACK: last used by its owner, by thread T0 "main"
//   ...
//   main <- thread begins
#include <pthread.h>

#include "testdata/bugs/bug.h"

static void* Intrude(void*) {
  pthread_setname_np(pthread_self(), "intruder");
#ifndef FIXED
  delete[] Opaque(new long[4]);  // <- foreign use
#endif
  return nullptr;
}

int main() {
  delete Opaque(new int);
  pthread_t thread;
  pthread_create(&thread, nullptr, Intrude, nullptr);  // <- thread begins
  pthread_join(thread, nullptr);
  return 0;
}
