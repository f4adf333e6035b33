// What every interposed function comes down to: the right allocator for this
// thread at this moment.
//
//   gate open, heap started   -> the debug heap
//   not yet started           -> start; then as below
//   allocator=pool            -> the pool (pool_calls.h)
//   allocator=system          -> the C library's malloc
//   somebody looks at each call -> counted, perhaps refused, observed; as above
//   inside the heap, in a report, before the start -> the bootstrap arena
//
// A block goes back to where it came from: addresses in the arena are told by
// their range.
#ifndef DBGALLOC_ALLOC_INTERPOSE_HEAP_CALLS_H_
#define DBGALLOC_ALLOC_INTERPOSE_HEAP_CALLS_H_

#include "alloc/debug/debug_heap.h"
#include "alloc/debug/small_path.h"
#include "alloc/interpose/deferred_free.h"
#include "alloc/interpose/runtime.h"
#include "alloc/interpose/thread_exit.h"
#include "alloc/os/thread.h"

namespace dbgalloc::interpose {

using debug::AllocationRequest;
using debug::CallerFrame;
using debug::DebugHeap;
using debug::FreeClaim;

// Where the path of small blocks does not hold; see above. Every thread's first
// allocation comes here.
void* AllocateSlowly(AllocationRequest request, CallerFrame caller);
void FreeSlowly(void* block, FreeClaim claim, CallerFrame caller);

// Frees what waits for the debug heap.
void FreeDeferredInHeap(const CallerFrame& caller);
inline void FreeDeferredIfAny(const CallerFrame& caller) {
  if (__builtin_expect(!runtime.deferred_frees.IsEmpty(), 0)) {
    FreeDeferredInHeap(caller);
  }
}

// Null: refused; errno is for the caller to set.
[[gnu::always_inline]] inline void* Allocate(const AllocationRequest& request,
                                             const CallerFrame& caller) {
  DebugHeap* heap = DirectHeapIfOpen();
  if (__builtin_expect(heap != nullptr, 1)) {
    base::ScopedInsideHeap inside;
    void* block = static_cast<DebugHeap::Body*>(heap)->AllocateSmall(
        request, caller, os::CurrentThread());
    if (__builtin_expect(block != nullptr, 1)) return block;
  }
  return AllocateSlowly(request, caller);
}

// Keeps errno.
[[gnu::always_inline]] inline void Free(void* block, const FreeClaim& claim,
                                        const CallerFrame& caller) {
  if (block == nullptr) return;
  DebugHeap* heap = DirectHeapIfOpen();
  if (__builtin_expect(heap != nullptr, 1)) {
    base::ScopedInsideHeap inside;
    bool done = static_cast<DebugHeap::Body*>(heap)->FreeSmall(
        reinterpret_cast<uintptr_t>(block), claim, caller, os::CurrentThread());
    if (__builtin_expect(done, 1)) {
      FreeDeferredIfAny(caller);
      return;
    }
  }
  FreeSlowly(block, claim, caller);
}

// realloc of a non-null block to a size above 0. Null: refused, the block is
// as it was.
void* Reallocate(void* block, size_t size, const CallerFrame& caller);

// malloc_usable_size of a non-null block.
size_t UsableSize(void* block, const CallerFrame& caller);

}  // namespace dbgalloc::interpose

#endif  // DBGALLOC_ALLOC_INTERPOSE_HEAP_CALLS_H_
