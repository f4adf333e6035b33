// Blocks of the heap freed by a thread that cannot enter it just then: a signal
// handler that interrupted malloc, or an atfork handler while the heap is
// locked. They wait in a list without a lock until the heap can be entered.
#ifndef DBGALLOC_ALLOC_INTERPOSE_DEFERRED_FREE_H_
#define DBGALLOC_ALLOC_INTERPOSE_DEFERRED_FREE_H_

#include "alloc/debug/debug_heap.h"

namespace dbgalloc::interpose {

// Async-signal-safe. When the bootstrap arena has no memory for the entry, the
// block is never freed.
void DeferFree(void* block, const debug::FreeClaim& claim);

// Frees what waits by `free_one`, as if `caller` had freed it. The calling
// thread is inside the heap already, as far as the malloc gate is concerned,
// and holds no lock.
void FreeDeferred(void (*free_one)(void* block, const debug::FreeClaim& claim,
                                   const debug::CallerFrame& caller),
                  const debug::CallerFrame& caller);

}  // namespace dbgalloc::interpose

#endif  // DBGALLOC_ALLOC_INTERPOSE_DEFERRED_FREE_H_
