// The one global of the malloc face: which allocator serves this process, and
// how far its start has come.
//
//   kUnstarted --first malloc or constructor--> kStarting --> kDebug
//                                                        |--> kPool
//                                                        \--> kSystem
//
// Nobody waits for a start in progress: whoever comes in between, the starting
// thread itself included, is served from the bootstrap arena, whose blocks are
// recognised for the life of the process.
#ifndef DBGALLOC_ALLOC_INTERPOSE_RUNTIME_H_
#define DBGALLOC_ALLOC_INTERPOSE_RUNTIME_H_

#include <atomic>
#include <cstdint>

#include "alloc/base/hand_over_list.h"
#include "alloc/base/malloc_gate.h"
#include "alloc/debug/debug_heap.h"
#include "alloc/interpose/bootstrap_arena.h"
#include "alloc/pool/pool_heap.h"
#include "dbgalloc/options.h"

namespace dbgalloc::interpose {

enum class Stage : uint8_t {
  kUnstarted,
  kStarting,
  kDebug,
  kPool,
  kSystem,
};

struct DeferredFree;

// If you are here because the `constinit` below stopped compiling: you gave a
// member (or a member of a member) a constructor that is not constexpr, or no
// initializer. Give it one; do not remove `constinit`.
struct Runtime {
  // Set once, with stage kDebug, and never destroyed: static destructors and
  // exit handlers still use it.
  std::atomic<debug::DebugHeap*> heap{nullptr};
  // The same, for calls that nobody looks at; null while somebody looks at
  // each (LookAtEachCall).
  std::atomic<debug::DebugHeap*> direct_heap{nullptr};
  // Set once, with stage kPool, and never destroyed.
  std::atomic<pool::PoolHeap*> pool{nullptr};
  // Blocks that were freed where the heap could not be entered; see
  // deferred_free.h.
  base::HandOverList<DeferredFree> deferred_frees;
  std::atomic<Stage> stage{Stage::kUnstarted};
  // Constructors run: the C library is complete.
  std::atomic<bool> constructors_run{false};
  BootstrapArena arena;
};

extern constinit Runtime runtime;

// Brings the process to kDebug, kPool or kSystem if it is not there, and
// returns how far it has come: kUnstarted while the C library is not far enough
// itself, kStarting to whoever calls while another call is at it.
Stage Start();

// The heap, if this thread may enter it, by a HeapUse. Null: the slow way
// (start, re-entry, allocator=system) must be taken.
inline debug::DebugHeap* HeapIfOpen() {
  if (!base::malloc_gate.IsOpen()) return nullptr;
  return runtime.heap.load(std::memory_order_acquire);
}

// From now on every call takes the slow way of heap_calls.h, until as many
// calls of StopLooking() were made: what failures on request, observers and
// protected state cost, they cost nobody else.
void LookAtEachCall();
void StopLooking();

// The heap, if this thread may use it at once and nobody looks.
inline debug::DebugHeap* DirectHeapIfOpen() {
  if (!base::malloc_gate.IsWideOpen()) return nullptr;
  return runtime.direct_heap.load(std::memory_order_acquire);
}

}  // namespace dbgalloc::interpose

#endif  // DBGALLOC_ALLOC_INTERPOSE_RUNTIME_H_
