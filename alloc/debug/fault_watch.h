// Explains memory faults in any heap of the process.
//
//   SIGSEGV -> alloc/os/fault_signals -> the heap that knows the address
//           -> its report -> (unless that ends the process) the program
#ifndef DBGALLOC_ALLOC_DEBUG_FAULT_WATCH_H_
#define DBGALLOC_ALLOC_DEBUG_FAULT_WATCH_H_

#include "alloc/debug/debug_heap.h"

namespace dbgalloc::debug {

// From now on faults in this heap are explained. The first call installs the
// handler of the process. Thread-safe; beyond some hundred heaps at a time, new
// ones are left out.
void WatchFaults(DebugHeap* heap);

// No more. To be called before the heap goes.
void UnwatchFaults(DebugHeap* heap);

}  // namespace dbgalloc::debug

#endif  // DBGALLOC_ALLOC_DEBUG_FAULT_WATCH_H_
