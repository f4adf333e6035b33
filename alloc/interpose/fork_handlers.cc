#include "alloc/interpose/fork_handlers.h"

#include <pthread.h>

#include <atomic>

#include "alloc/base/shielded_memory.h"
#include "alloc/base/spin_lock.h"
#include "alloc/base/state_shield.h"
#include "alloc/heap/heap.h"
#include "alloc/interpose/pool_calls.h"
#include "alloc/interpose/runtime.h"
#include "alloc/os/signal_watch.h"
#include "alloc/os/thread.h"

namespace dbgalloc::interpose {
namespace {

// Several threads may fork at once, and the C library runs their handlers side
// by side. Held from before the fork until after it.
constinit base::SpinLock fork_lock;

// Whether this thread's fork took the locks.
[[gnu::tls_model("initial-exec")]] constinit thread_local bool locked_for_fork =
    false;

// Set in the child; see FirstNumberAfterFork().
constinit std::atomic<uint64_t> first_number{0};
[[gnu::tls_model("initial-exec")]] constinit thread_local bool had_threads =
    false;

// Ranks rise: fork, heap, arena (a report's lock needs no handler). From here
// on this thread's malloc is served from the arena and its frees wait,
// whoever's handlers still run.
void PrepareFork() {
  // A signal handler that interrupted this thread inside the heap forks: the
  // locks may be its own, and its child will most likely exec.
  bool may_lock = !base::malloc_gate.Has(base::MallocGate::Count::kInside);
  base::malloc_gate.Raise(base::MallocGate::Count::kInside);
  if (!may_lock) return;
  fork_lock.Lock();
  locked_for_fork = true;
  had_threads = os::MayHaveThreads();
  debug::DebugHeap* heap = runtime.heap.load(std::memory_order_acquire);
  base::ScopedOpenState open;
  if (heap != nullptr) heap->PrepareFork();
  PreparePoolFork();
  runtime.arena.PrepareFork();
}

void FinishForkInParent() {
  if (locked_for_fork) {
    locked_for_fork = false;
    runtime.arena.FinishForkInParent();
    debug::DebugHeap* heap = runtime.heap.load(std::memory_order_acquire);
    base::ScopedOpenState open;
    if (heap != nullptr) heap->FinishForkInParent();
    FinishPoolForkInParent();
    fork_lock.Unlock();
  }
  base::malloc_gate.Lower(base::MallocGate::Count::kInside);
}

void FinishForkInChild() {
  os::ResetThreadsAfterFork();
  base::ResetShieldAfterFork();
  if (locked_for_fork) {
    locked_for_fork = false;
    runtime.arena.FinishForkInChild();
    debug::DebugHeap* heap = runtime.heap.load(std::memory_order_acquire);
    base::ScopedOpenState open;
    if (heap != nullptr) {
      heap->FinishForkInChild();
      if (had_threads) first_number.store(heap->blocks().StartNewNumbers());
    }
    FinishPoolForkInChild();
    fork_lock.Unlock();
  }
  base::malloc_gate.Lower(base::MallocGate::Count::kInside);
  os::RestartSignalWatch();
}

}  // namespace

HeapStandstill::HeapStandstill(debug::DebugHeap& heap) : heap_(heap) {
  fork_lock.Lock();
  heap_.PrepareFork();
}

HeapStandstill::~HeapStandstill() {
  heap_.FinishForkInParent();
  fork_lock.Unlock();
}

uint64_t FirstNumberAfterFork() { return first_number.load(); }

void InstallForkHandlers() {
  pthread_atfork(&PrepareFork, &FinishForkInParent, &FinishForkInChild);
}

}  // namespace dbgalloc::interpose
