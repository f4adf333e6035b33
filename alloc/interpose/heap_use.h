// A way into the heap that holds whether or not its state is protected.
//
//   the ways of nearly every malloc and free   ScopedInsideHeap alone; they are
//                                              closed while state is protected
//   every other way                            HeapUse
#ifndef DBGALLOC_ALLOC_INTERPOSE_HEAP_USE_H_
#define DBGALLOC_ALLOC_INTERPOSE_HEAP_USE_H_

#include "alloc/base/malloc_gate.h"
#include "alloc/base/state_shield.h"

namespace dbgalloc::interpose {

// While one is alive, this thread is in the heap and may write to its state.
class HeapUse {
 private:
  base::ScopedInsideHeap inside_;
  base::ScopedOpenState open_;
};

}  // namespace dbgalloc::interpose

#endif  // DBGALLOC_ALLOC_INTERPOSE_HEAP_USE_H_
