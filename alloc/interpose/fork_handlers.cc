#include "alloc/interpose/fork_handlers.h"

#include <pthread.h>

#include "alloc/interpose/runtime.h"
#include "alloc/os/thread.h"

namespace dbgalloc::interpose {
namespace {

// Written by the forking thread while it holds the heap's locks.
constinit bool heap_is_locked = false;

// Ranks rise: heap, arena (a report's lock needs no handler). From here on this
// thread's malloc is served from the arena and its frees wait, whoever's
// handlers still run.
void PrepareFork() {
  // A signal handler that interrupted this thread inside the heap forks: the
  // locks may be its own, and its child will most likely exec.
  bool may_lock = base::malloc_gate.inside == 0;
  ++base::malloc_gate.inside;
  debug::DebugHeap* heap = runtime.heap.load(std::memory_order_acquire);
  if (may_lock) {
    if (heap != nullptr) heap->PrepareFork();
    heap_is_locked = true;
  }
  runtime.arena.PrepareFork();
}

void FinishForkInParent() {
  runtime.arena.FinishForkInParent();
  debug::DebugHeap* heap = runtime.heap.load(std::memory_order_acquire);
  if (heap_is_locked) {
    heap_is_locked = false;
    if (heap != nullptr) heap->FinishForkInParent();
  }
  --base::malloc_gate.inside;
}

void FinishForkInChild() {
  runtime.arena.FinishForkInChild();
  os::ResetThreadsAfterFork();
  debug::DebugHeap* heap = runtime.heap.load(std::memory_order_acquire);
  if (heap_is_locked) {
    heap_is_locked = false;
    if (heap != nullptr) heap->FinishForkInChild();
  }
  --base::malloc_gate.inside;
}

}  // namespace

void InstallForkHandlers() {
  pthread_atfork(&PrepareFork, &FinishForkInParent, &FinishForkInChild);
}

}  // namespace dbgalloc::interpose
