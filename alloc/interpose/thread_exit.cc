#include "alloc/interpose/thread_exit.h"

#include <limits.h>
#include <pthread.h>

#include "alloc/interpose/heap_use.h"
#include "alloc/interpose/pool_calls.h"
#include "alloc/interpose/runtime.h"
#include "alloc/os/errno_keeper.h"
#include "alloc/os/thread.h"
#include "alloc/stack/stack_recorder.h"

namespace dbgalloc::interpose {
namespace {

constinit bool key_exists = false;
constinit pthread_key_t key = 0;
[[gnu::tls_model("initial-exec")]] constinit thread_local int rounds_seen = 0;

// Destructors of other keys may run after ours and allocate, which takes spans
// again. So the thread's are given up in the last round that POSIX promises,
// and our destructor asks to be called again until then.
void OnThreadExit(void* value) {
  HeapUse use;
  if (++rounds_seen < PTHREAD_DESTRUCTOR_ITERATIONS) {
    pthread_setspecific(key, value);
    return;
  }
  os::RememberCurrentThreadName();
  debug::DebugHeap* heap = runtime.heap.load(std::memory_order_acquire);
  if (heap != nullptr) heap->ReleaseThread();
  LeavePool();
  stack::ForgetLastStack();
}

}  // namespace

void InstallThreadExit() {
  key_exists = pthread_key_create(&key, &OnThreadExit) == 0;
}

void WatchThisThreadSlowly() {
  thread_is_watched = true;  // first: what follows may allocate
  if (!key_exists) return;
  os::ErrnoKeeper keeper;
  pthread_setspecific(key, &thread_is_watched);
}

}  // namespace dbgalloc::interpose
