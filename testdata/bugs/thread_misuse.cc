// BUG: with check_threads=1 the heap of a whole process belongs to one thread;
// after a hand-over to a second one, the first goes on using it.
// EXPECT-KIND: thread-misuse
// EXPECT-OPTIONS: check_threads=1
// EXPECT-SENTENCE: free of ADDR, the start (offset 0) of a 100-byte block, by
//   thread T0, but this heap belongs to thread T1
// EXPECT-STACK: used, through free, by thread T0 "main"
//   main <- foreign use
// EXPECT-STACK: last used by its owner, by thread T1 "heir"
//   Inherit <- last use
// EXPECT-STACK: allocated, by thread T1 "heir"
//   Inherit <- allocation
#include <pthread.h>

#include <cstdlib>

#include "dbgalloc/c_api.h"
#include "testdata/bugs/bug.h"

static pthread_barrier_t handed_over;
static pthread_barrier_t end;
static void* left;

static void* Inherit(void* first) {
  pthread_setname_np(pthread_self(), "heir");
  dbgalloc_adopt_by_current_thread();
  free(Opaque(first));
  left = Opaque(malloc(100));  // <- allocation
  free(Opaque(malloc(200)));   // <- last use
  pthread_barrier_wait(&handed_over);
  pthread_barrier_wait(&end);
  return nullptr;
}

int main() {
  pthread_barrier_init(&handed_over, nullptr, 2);
  pthread_barrier_init(&end, nullptr, 2);
  pthread_t thread;
  pthread_create(&thread, nullptr, Inherit, Opaque(malloc(24)));
  pthread_barrier_wait(&handed_over);
#ifdef FIXED
  dbgalloc_adopt_by_current_thread();
#endif
  free(Opaque(left));  // <- foreign use
  pthread_barrier_wait(&end);
  pthread_join(thread, nullptr);
  return 0;
}
