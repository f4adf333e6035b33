// The general way into the pool that serves malloc with allocator=pool: start,
// caches of threads, fork, everything that is not a pop or a push.
#ifndef DBGALLOC_ALLOC_INTERPOSE_POOL_CALLS_H_
#define DBGALLOC_ALLOC_INTERPOSE_POOL_CALLS_H_

#include <cstddef>

#include "alloc/debug/debug_heap.h"
#include "alloc/pool/pool_heap.h"
#include "dbgalloc/options.h"

namespace dbgalloc::interpose {

// Null: no memory.
pool::PoolHeap* CreateProcessPool(const Options& options);

// All below: the pool serves malloc, and the malloc gate is open, except where
// said otherwise.
void* AllocateInPool(const debug::AllocationRequest& request,
                     const debug::CallerFrame& caller);
// With the gate closed the block waits until it is open.
void FreeInPool(void* block, const debug::FreeClaim& claim,
                const debug::CallerFrame& caller);
void* ReallocateInPool(void* block, size_t size,
                       const debug::CallerFrame& caller);
// The gate may be closed.
size_t UsableSizeInPool(const void* block, const debug::CallerFrame& caller);
// malloc_trim. Returns the bytes given back.
size_t ReleasePoolMemory(const debug::CallerFrame& caller);

// Whether or not the pool serves malloc:

// From now on every operation of every thread goes the general way, where it
// can be looked at.
void CloseFastPool();
void OpenFastPool();

// The calling thread ends.
void LeavePool();
void PreparePoolFork();
void FinishPoolForkInParent();
void FinishPoolForkInChild();

}  // namespace dbgalloc::interpose

#endif  // DBGALLOC_ALLOC_INTERPOSE_POOL_CALLS_H_
