// Freed memory that is withheld from the system for a while, so that a late
// write to it meets a fill that is checked, and not somebody else's mapping.
//
//   free -> granule idle -> [ newest span | ... | oldest span ] -> released
//              held bytes of idle granules <= limit
//
// The queue holds spans, first in first out by when they first had a granule
// without a live slot; what leaves is every idle granule of the oldest span, or
// its whole chunk when nothing lives there: for the system that is one piece.
#ifndef DBGALLOC_ALLOC_HEAP_QUARANTINE_H_
#define DBGALLOC_ALLOC_HEAP_QUARANTINE_H_

#include <cstddef>
#include <cstdint>

#include "alloc/base/spin_lock.h"
#include "alloc/heap/span.h"

namespace dbgalloc::heap {

// Memory that leaves the quarantine together: granules of one span, or all of a
// chunk. The spans are claimed; whoever got them releases the memory, calls
// Finish for each span and unclaims it.
struct Leaving {
  Span* span = nullptr;
  uint32_t granules = 0;
  Chunk* chunk = nullptr;  // not null: all granules of all of its spans
};

// Thread-safe: one short lock, taken once a granule, not once a block.
// Invariants:
//   I1  held_bytes_ is the size of all idle granules not yet leaving
//   I2  a span is in the queue at most once (Span::queued)
class Quarantine {
 public:
  // `limit`: bytes; SIZE_MAX holds everything for ever.
  void Init(size_t limit) { limit_ = limit; }

  // From now on no more than that is held, unless everything is.
  void Lower(size_t limit) {
    base::SpinLockHolder holder(lock_);
    if (limit_ != SIZE_MAX && limit_ > limit) limit_ = limit;
  }

  // The granules of a span have no live slot any more.
  void Hold(Span* span, uint32_t granules);

  // The oldest memory while more than the limit is held; no span once it is
  // not, or when other threads are at work on all that is due.
  Leaving PopExcess() { return Pop(limit_); }
  // The oldest memory, whatever the limit says.
  Leaving PopAny() { return limit_ == SIZE_MAX ? Leaving{} : Pop(0); }

  // The memory is gone. True when the span has none left: the caller retires
  // it.
  bool Finish(const Leaving& leaving);

  size_t held_bytes() const {
    return held_bytes_.load(std::memory_order_relaxed);
  }
  base::SpinLock& lock() { return lock_; }

 private:
  Leaving Pop(size_t limit);
  void Append(Span* span);
  void Remove(Span* span);
  Leaving Take(Span* span);
  bool TryTakeChunk(Chunk* chunk);

  base::SpinLock lock_;
  std::atomic<size_t> limit_{0};
  std::atomic<size_t> held_bytes_{0};
  Span* first_ = nullptr;
  Span* last_ = nullptr;
};

}  // namespace dbgalloc::heap

#endif  // DBGALLOC_ALLOC_HEAP_QUARANTINE_H_
