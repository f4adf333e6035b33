// The surroundings of a heap in an ordinary process.
#ifndef DBGALLOC_ALLOC_DEBUG_SYSTEM_HOST_H_
#define DBGALLOC_ALLOC_DEBUG_SYSTEM_HOST_H_

#include "alloc/debug/debug_heap.h"
#include "alloc/debug/heap_statistics.h"
#include "dbgalloc/options.h"

namespace dbgalloc::debug {

// Threads, stacks recorded as the options say, standard error for verbose_log,
// and memory faults explained if handle_segv says so. The sink is the caller's
// to set.
HeapHost SystemHost(const Options& options);

// The heap's figures with what the kernel knows of it and of the process.
HeapStatistics AllStatistics(DebugHeap& heap);

}  // namespace dbgalloc::debug

#endif  // DBGALLOC_ALLOC_DEBUG_SYSTEM_HOST_H_
