// Keeps fork safe in a threaded process: the forking thread holds every lock of
// dbgalloc meanwhile, so that no other thread's half-done work is copied.
#ifndef DBGALLOC_ALLOC_INTERPOSE_FORK_HANDLERS_H_
#define DBGALLOC_ALLOC_INTERPOSE_FORK_HANDLERS_H_

#include <cstdint>

#include "alloc/debug/debug_heap.h"

namespace dbgalloc::interpose {

// While one is alive, no other thread changes the heap or forks, and the
// calling thread may look at all of it; it must not enter the heap.
class HeapStandstill {
 public:
  explicit HeapStandstill(debug::DebugHeap& heap);
  ~HeapStandstill();
  HeapStandstill(const HeapStandstill&) = delete;
  HeapStandstill& operator=(const HeapStandstill&) = delete;

 private:
  debug::DebugHeap& heap_;
};

// In a forked child that may have lost threads by the fork: the lowest number
// of an operation of its own. Else 0.
uint64_t FirstNumberAfterFork();

// To be called once, as early as possible: what is registered first is prepared
// last and finished first, so other handlers find the heap unlocked.
void InstallForkHandlers();

}  // namespace dbgalloc::interpose

#endif  // DBGALLOC_ALLOC_INTERPOSE_FORK_HANDLERS_H_
