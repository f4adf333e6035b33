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

// Whether the thread merges what was freed every kMergePause.
constinit std::atomic<bool> looks_often{false};

// Memory goes back at the second look that finds it unused.
constexpr uint64_t kLooksInInterval = 2;

// While many medium blocks come back, they are kept for the next request and
// merged so often. While few do, each is merged where it is freed, and the
// thread takes longer pauses: it is to cost next to nothing then.
constexpr uint64_t kMergePause = 1'000'000;
constexpr uint64_t kIdlePause = 20'000'000;
// What is many, in one short pause.
constexpr uint64_t kMany = 16;
constexpr int kIdleLooks = 8;

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

// Returns how many blocks came back since the last look.
uint64_t MergeOnce() {
  base::SpinLockHolder holder(keeper_lock);
  uint64_t count = 0;
  for (PoolHeap* pool = kept_pools; pool != nullptr; pool = pool->next_kept) {
    count += pool->MergeFreed();
  }
  return count;
}

// Merges for the length of a pause between two looks for old memory.
void MergeFor(uint64_t duration, int& idle_looks) {
  for (uint64_t passed = 0; passed < duration;) {
    uint64_t pause = looks_often.load() ? kMergePause : kIdlePause;
    if (pause > duration - passed) pause = duration - passed;
    os::SleepNanoseconds(pause);
    passed += pause;
    bool many = MergeOnce() * kMergePause >= kMany * pause;
    idle_looks = many ? 0 : idle_looks + 1;
    bool often = idle_looks < kIdleLooks;
    if (often == looks_often.load()) continue;
    looks_often.store(often);
    MergeOnce();  // what came while the change was not seen
  }
}

void KeepUntilNothingIsLeft(void* /*argument*/) {
  int idle_looks = 0;
  do {
    bool more = true;
    looks_often.store(true);
    while (more) {
      uint64_t pause = ShortestPause();
      if (pause == UINT64_MAX) break;
      MergeFor(pause, idle_looks);
      more = LookOnce();
    }
    looks_often.store(false);
    MergeOnce();
    is_running.store(false);
    // Garbage of the last moment found the thread still running.
  } while (ShortestPause() != UINT64_MAX && !is_running.exchange(true));
}

void PrepareFork() { keeper_lock.Lock(); }
void FinishForkInParent() { keeper_lock.Unlock(); }

// The thread stays behind.
void FinishForkInChild() {
  is_running.store(false);
  looks_often.store(false);
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
  looks_often.store(true);  // as the thread is about to
  if (!os::StartHelperThread(&KeepUntilNothingIsLeft, nullptr)) {
    looks_often.store(false);
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
  pool.SetKeeper(&Wake, &looks_often);
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
