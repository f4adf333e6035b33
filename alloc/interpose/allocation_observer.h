// The program's own look at each call of the malloc family that succeeds:
// dbgalloc_set_observer.
//
// While nobody observes, nobody comes here (LookAtEachCall). The observer runs
// on the calling thread, outside every lock; what it allocates comes from the
// bootstrap arena and is not observed.
#ifndef DBGALLOC_ALLOC_INTERPOSE_ALLOCATION_OBSERVER_H_
#define DBGALLOC_ALLOC_INTERPOSE_ALLOCATION_OBSERVER_H_

#include <atomic>
#include <cstddef>

#include "dbgalloc/c_api.h"

namespace dbgalloc::interpose {

using Observer = void (*)(const struct dbgalloc_operation*);

extern constinit std::atomic<Observer> allocation_observer;

inline bool IsObserved() {
  return allocation_observer.load(std::memory_order_relaxed) != nullptr;
}

void TellAllocated(const void* block, size_t size);
// Before the block goes; silent when it is not a live block.
void TellFreed(const void* block);
void TellResized(const void* old_block, size_t old_size, const void* block,
                 size_t size);

// Bytes that were asked for at the start of a live block; 0 for anything else.
size_t KnownSize(const void* block);

}  // namespace dbgalloc::interpose

#endif  // DBGALLOC_ALLOC_INTERPOSE_ALLOCATION_OBSERVER_H_
