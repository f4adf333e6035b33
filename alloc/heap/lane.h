// A thread's own part of a heap: the spans it hands slots out from, its share
// of operation numbers, and its counters.
//
// Threads use lanes of their own without any lock or atomic read-modify-write;
// some lanes are shared, and locked (see lane_table.h).
#ifndef DBGALLOC_ALLOC_HEAP_LANE_H_
#define DBGALLOC_ALLOC_HEAP_LANE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "alloc/base/spin_lock.h"
#include "alloc/heap/size_classes.h"
#include "alloc/heap/span.h"

namespace dbgalloc::heap {

// A counter that one thread at a time writes and any thread reads.
class LaneCounter {
 public:
  void Add(uint64_t amount) {
    value_.store(value() + amount, std::memory_order_relaxed);
  }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

struct alignas(64) Lane {
  base::SpinLock lock;
  bool shared = false;
  uint64_t next_number = 0;  // operation numbers it hands out next
  uint64_t end_number = 0;
  uint32_t numbers_at_once = 0;  // how many it took last
  LaneCounter allocations;
  LaneCounter allocated_bytes;
  LaneCounter frees;
  LaneCounter freed_bytes;
  // A free that finds more bytes live here looks for a new peak of the heap.
  int64_t peak_mark = 0;
  // The allocation, counted like `allocations`, at which the owner of the heap
  // wants to decide whether it is guarded; and what that decision draws from.
  uint64_t next_guarded = 0;
  uint64_t guard_random = 0;  // 0: never asked
  // Frees in one granule that its counter does not know of yet: a run of frees
  // in one place pays for one atomic operation.
  Span* pending_span = nullptr;
  uint32_t pending_granule = 0;
  uint32_t pending_frees = 0;
  uintptr_t pending_begin = 0;  // where that granule lies; nowhere in a shared
  uintptr_t pending_end = 0;    // lane
  // Where the last block was found: the next one is often there too.
  std::atomic<Span*> recent{nullptr};
  Span* current[kMaxClasses] = {};
  // Numbers beyond end_number that are this lane's too, and one of those that
  // it got last: see OperationTimes.
  uint64_t batch_end = 0;
  uint64_t noted_number = 0;
  Lane* next_made = nullptr;  // among all lanes
  Lane* next_free = nullptr;  // among those whose threads have ended
};

// Use of a lane for a scope; locks it only where threads share it.
class LaneUse {
 public:
  explicit LaneUse(Lane* lane) : lane_(lane) {
    if (__builtin_expect(lane_->shared, 0)) lane_->lock.Lock();
  }
  ~LaneUse() {
    if (__builtin_expect(lane_->shared, 0)) lane_->lock.Unlock();
  }
  LaneUse(const LaneUse&) = delete;
  LaneUse& operator=(const LaneUse&) = delete;
  Lane* operator->() const { return lane_; }
  Lane& operator*() const { return *lane_; }

 private:
  Lane* lane_;
};

}  // namespace dbgalloc::heap

#endif  // DBGALLOC_ALLOC_HEAP_LANE_H_
