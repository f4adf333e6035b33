// Figures of the pool that serves malloc, for the program and for people.
#ifndef DBGALLOC_ALLOC_INTERPOSE_POOL_STATISTICS_H_
#define DBGALLOC_ALLOC_INTERPOSE_POOL_STATISTICS_H_

#include <malloc.h>

#include "alloc/debug/heap_statistics.h"
#include "alloc/pool/pool_heap.h"
#include "dbgalloc/c_api.h"

namespace dbgalloc::interpose {

// Bytes are those of whole blocks: the pool keeps no requested sizes.
struct dbgalloc_stats StatsOf(const pool::PoolHeap& pool);

// The size classes that have spans, and all larger blocks as one. Returns how
// many there are, at most `capacity`.
size_t ClassesOf(pool::PoolHeap& pool, debug::ClassStatistics* classes,
                 size_t capacity);

// In glibc's words: large and huge blocks are `hblk`.
struct mallinfo2 FiguresOf(const pool::PoolHeap& pool);

// Writes a line for each tier to standard error.
void PrintPoolStatistics(const pool::PoolHeap& pool);

}  // namespace dbgalloc::interpose

#endif  // DBGALLOC_ALLOC_INTERPOSE_POOL_STATISTICS_H_
