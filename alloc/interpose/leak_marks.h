// What the program says of its own blocks: these are no leaks.
#ifndef DBGALLOC_ALLOC_INTERPOSE_LEAK_MARKS_H_
#define DBGALLOC_ALLOC_INTERPOSE_LEAK_MARKS_H_

#include "alloc/debug/debug_heap.h"

namespace dbgalloc::interpose {

// The block that holds the address, and what can be reached from it, are no
// leaks from now on. Nothing when there is no such block.
void IgnoreLeak(debug::DebugHeap& heap, const void* address);

}  // namespace dbgalloc::interpose

#endif  // DBGALLOC_ALLOC_INTERPOSE_LEAK_MARKS_H_
