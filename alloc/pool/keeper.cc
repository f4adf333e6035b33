#include "alloc/pool/keeper.h"

#include "alloc/os/helper_thread.h"
#include "alloc/os/thread_end.h"
#include "alloc/pool/pool_lock.h"

namespace dbgalloc::pool {
namespace {

// Of the thread; guards all below.
constinit base::SpinLock keeper_lock;
constinit PoolHeap* kept_pools = nullptr;
constinit bool watches_fork = false;
// Whether there is a thread, or one is being started.
constinit std::atomic<bool> is_running{false};

// Memory goes back at the second look that finds it unused.
constexpr uint64_t kLooksInInterval = 2;

uint64_t ShortestPause() {
  PoolLockHolder holder(keeper_lock);
  uint64_t shortest = UINT64_MAX;
  for (PoolHeap* pool = kept_pools; pool != nullptr; pool = pool->next_kept) {
    uint64_t pause = pool->release_interval() / kLooksInInterval;
    if (pool->HasGarbage() && pause < shortest) shortest = pause;
  }
  return shortest;
}

// Not with a PoolLockHolder: a hint to the kernel is all that is called.
bool LookOnce() {
  base::SpinLockHolder holder(keeper_lock);
  bool more = false;
  for (PoolHeap* pool = kept_pools; pool != nullptr; pool = pool->next_kept) {
    if (pool->release_interval() != 0 && pool->ReleaseOldMemory()) more = true;
  }
  return more;
}

void KeepUntilNothingIsLeft(void* /*argument*/) {
  do {
    bool more = true;
    while (more) {
      uint64_t pause = ShortestPause();
      if (pause == UINT64_MAX) break;
      os::SleepNanoseconds(pause);
      more = LookOnce();
    }
    is_running.store(false);
    // Garbage of the last moment found the thread still running.
  } while (ShortestPause() != UINT64_MAX && !is_running.exchange(true));
}

void PrepareFork() { keeper_lock.Lock(); }
void FinishForkInParent() { keeper_lock.Unlock(); }

// The thread stays behind.
void FinishForkInChild() {
  is_running.store(false);
  keeper_lock.Unlock();
}

void WatchFork() {
  {
    PoolLockHolder holder(keeper_lock);
    if (watches_fork) return;
    watches_fork = true;
  }
  os::CallAroundFork(&PrepareFork, &FinishForkInParent, &FinishForkInChild);
}

// A thread that cannot be started is tried for again at the next free.
void Wake() {
  if (is_running.load(std::memory_order_relaxed)) return;
  if (is_running.exchange(true)) return;
  WatchFork();
  if (!os::StartHelperThread(&KeepUntilNothingIsLeft, nullptr)) {
    is_running.store(false);
  }
}

}  // namespace

void StartKeeping(PoolHeap& pool) {
  if (pool.release_interval() == 0) return;
  {
    PoolLockHolder holder(keeper_lock);
    pool.next_kept = kept_pools;
    kept_pools = &pool;
  }
  pool.SetGarbageListener(&Wake);
}

void StopKeeping(PoolHeap& pool) {
  base::SpinLockHolder holder(keeper_lock);
  for (PoolHeap** at = &kept_pools; *at != nullptr; at = &(*at)->next_kept) {
    if (*at != &pool) continue;
    *at = pool.next_kept;
    return;
  }
}

}  // namespace dbgalloc::pool
