// Returns to the system what has been free for release_interval_ms, also when
// the program makes no further calls.
//
// A thread of ours does it, one for all pools. It is started when a medium or
// larger block is freed, and ends when nothing is left to return; a program
// that never frees such blocks never has it.
#ifndef DBGALLOC_ALLOC_POOL_KEEPER_H_
#define DBGALLOC_ALLOC_POOL_KEEPER_H_

#include <atomic>

#include "alloc/pool/pool_heap.h"

namespace dbgalloc::pool {

// The pool's garbage is looked after from now on, until StopKeeping(), which
// waits for a look in progress.
void StartKeeping(PoolHeap& pool);
void StopKeeping(PoolHeap& pool);

}  // namespace dbgalloc::pool

#endif  // DBGALLOC_ALLOC_POOL_KEEPER_H_
