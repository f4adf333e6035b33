// BUG: a second thread uses an allocator that takes no locks.
// EXPECT-KIND: thread-misuse
// EXPECT-SENTENCE: Allocate of 40 bytes by thread T1, but this heap belongs to
//   thread T0
// EXPECT-STACK: used, through Allocate, by thread T1 "intruder"
//   Intrude <- foreign use
// EXPECT-STACK: last used by its owner, by thread T0 "main"
//   main <- own use
#include <pthread.h>

#include "dbgalloc/debug_allocator.h"

using dbgalloc::DebugAllocator;

static void* Intrude(void* allocator) {
  pthread_setname_np(pthread_self(), "intruder");
#ifndef FIXED
  auto* shared = static_cast<DebugAllocator*>(allocator);
  void* block = shared->Allocate(40, 8);  // <- foreign use
  shared->Deallocate(block, 40, 8);
#endif
  return nullptr;
}

int main() {
  dbgalloc::Options options;
  options.thread_safe = false;
  DebugAllocator allocator(options);
  void* block = allocator.Allocate(24, 8);
  allocator.Deallocate(block, 24, 8);  // <- own use
  pthread_t thread;
  pthread_create(&thread, nullptr, Intrude, &allocator);
  pthread_join(thread, nullptr);
  return 0;
}
