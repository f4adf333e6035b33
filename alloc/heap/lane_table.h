// Which lane each thread uses.
//
//   thread --> its own lane, while it lives; at most kOwnLanes threads at once
//         \--> one of kSharedLanes, locked: further threads, and threads that
//              have ended and still do something
//
// The lane of a thread that ended goes to the next new thread.
#ifndef DBGALLOC_ALLOC_HEAP_LANE_TABLE_H_
#define DBGALLOC_ALLOC_HEAP_LANE_TABLE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "alloc/base/spin_lock.h"
#include "alloc/heap/lane.h"
#include "alloc/heap/span_store.h"

namespace dbgalloc::heap {

inline constexpr size_t kOwnLanes = 1024;
inline constexpr size_t kSharedLanes = 16;

// Thread-safe; looking up takes no lock. Memory: the span store's metadata.
class LaneTable {
 public:
  // Threads numbered from here on are not told apart.
  static constexpr uint32_t kMostThreads = (1 << 16) - 1;

  void Init(SpanStore* store) { store_ = store; }

  // The lane that the thread was given; null: none yet.
  Lane* Find(uint32_t thread) const {
    if (__builtin_expect(thread >= kPageSize, 0)) return FindLater(thread);
    return first_page_.lanes[thread].load(std::memory_order_acquire);
  }

  // The same, giving it one; null: no memory.
  Lane* Get(uint32_t thread) {
    Lane* lane = Find(thread);
    return __builtin_expect(lane != nullptr, 1) ? lane : Assign(thread);
  }

  // The thread has ended and its lane, which is empty now, is for another one.
  // False: it has no lane of its own, or none to go on with.
  bool Release(uint32_t thread);

  // Calls `visit` with each lane there is; others may come meanwhile.
  template <typename Visitor>
  void ForEach(const Visitor& visit) const {
    Lane* lane = made_.load(std::memory_order_acquire);
    for (; lane != nullptr; lane = lane->next_made) visit(*lane);
  }
  size_t own_lanes() const {
    return own_lanes_.load(std::memory_order_relaxed);
  }

  // Holds every lock; for fork.
  void LockAll();
  void UnlockAll();

 private:
  static constexpr uint32_t kPageSize = 256;
  static constexpr uint32_t kPages = (kMostThreads + 1) / kPageSize;

  struct Page {
    std::atomic<Lane*> lanes[kPageSize] = {};
  };

  [[gnu::noinline]] Lane* FindLater(uint32_t thread) const;
  [[gnu::noinline]] Lane* Assign(uint32_t thread);
  std::atomic<Lane*>* EntryOf(uint32_t thread);
  Lane* TakeOwn();
  Lane* SharedLane(uint32_t thread);
  Lane* MakeLane(bool shared);

  SpanStore* store_ = nullptr;
  base::SpinLock lock_;  // held to change anything below
  Lane* free_ = nullptr;
  std::atomic<Lane*> made_{nullptr};
  std::atomic<size_t> own_lanes_{0};
  std::atomic<Lane*> shared_[kSharedLanes] = {};
  Page first_page_;
  std::atomic<Page*> later_pages_[kPages] = {};
};

}  // namespace dbgalloc::heap

#endif  // DBGALLOC_ALLOC_HEAP_LANE_TABLE_H_
