// When heap operations happened, to within what can be told without reading a
// clock for each: a lane reads it once for a run of its numbers.
//
//   numbers:  1 ......... 64 65 ........ 128 129 ...
//   runs:     | begun, ended | begun, ended | begun, still open
//
// An operation happened after its run was begun and before it was ended, which
// is when the lane came for the next one. The runs are kept in order of their
// numbers; when there are many, neighbours whose times hardly differ, compared
// with how long ago they were, become one.
#ifndef DBGALLOC_ALLOC_HEAP_OPERATION_TIMES_H_
#define DBGALLOC_ALLOC_HEAP_OPERATION_TIMES_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "alloc/base/spin_lock.h"

namespace dbgalloc::heap {

// Milliseconds since any fixed moment.
using MillisecondClock = uint64_t (*)();

// How long ago something was, in milliseconds: between the two.
struct TimeAgo {
  bool known = false;
  uint64_t least = 0;
  uint64_t most = 0;
};

// Threads: any, each number noted by one. Never allocates.
class OperationTimes {
 public:
  // Numbers that share a reading of the clock.
  static constexpr uint64_t kNumbersInRun = 64;

  struct Run {
    uint64_t first = 0;  // it reaches to the next run's first
    uint64_t begun = 0;
    uint64_t ended = 0;  // the latest that is known; open: goes on
    uint64_t open = 0;   // lanes that are still at it
  };
  static constexpr size_t kMaxRuns = 256;
  static constexpr size_t kRoom = kMaxRuns * sizeof(Run);

  constexpr OperationTimes() = default;

  // `room`: kRoom bytes of zeros. Without a clock or room no time is known.
  void Start(MillisecondClock clock, void* room);
  bool is_started() const {
    return is_started_.load(std::memory_order_acquire);
  }

  // A lane goes on with the number `first`; the run that it leaves holds
  // `previous` (0: none).
  void Note(uint64_t first, uint64_t previous);

  // Not known either when another thread keeps the lock for long.
  TimeAgo When(uint64_t number);

  base::SpinLock& lock() { return lock_; }
  size_t run_count() const { return count_; }

 private:
  bool LockWithPatience();
  TimeAgo WhenLocked(uint64_t number);
  Run* RunOf(uint64_t number);
  void Insert(const Run& run);
  void MakeRoom(uint64_t now);
  size_t Merge(uint64_t now, int tolerance);

  std::atomic<bool> is_started_{false};
  base::SpinLock lock_;
  MillisecondClock clock_ = nullptr;
  Run* runs_ = nullptr;
  size_t count_ = 0;
};

}  // namespace dbgalloc::heap

#endif  // DBGALLOC_ALLOC_HEAP_OPERATION_TIMES_H_
