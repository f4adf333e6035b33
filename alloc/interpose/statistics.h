// Figures of the process's heap, for the program and for people.
#ifndef DBGALLOC_ALLOC_INTERPOSE_STATISTICS_H_
#define DBGALLOC_ALLOC_INTERPOSE_STATISTICS_H_

#include "alloc/debug/debug_heap.h"

namespace dbgalloc::interpose {

// Writes them to standard error. The caller is inside the heap.
void PrintStatistics(debug::DebugHeap& heap);

}  // namespace dbgalloc::interpose

#endif  // DBGALLOC_ALLOC_INTERPOSE_STATISTICS_H_
