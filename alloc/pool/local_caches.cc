#include "alloc/pool/local_caches.h"

#include "alloc/os/thread_end.h"
#include "alloc/pool/pool_lock.h"

namespace dbgalloc::pool {
namespace {

constinit base::SpinLock pools_lock;
constinit PoolHeap* pools = nullptr;
constinit bool watches_fork = false;

[[gnu::tls_model("initial-exec")]] constinit thread_local bool watches_end =
    false;

// Tells threads apart while they live.
uintptr_t ThisThread() { return reinterpret_cast<uintptr_t>(&watches_end); }

void OnThreadEnd() {
  for (LocalCache& slot : local_caches) slot = {};
  watches_end = false;
  PoolLockHolder holder(pools_lock);
  for (PoolHeap* pool = pools; pool != nullptr; pool = pool->next_pool) {
    ThreadCache* cache = pool->FindCache(ThisThread());
    if (cache != nullptr) pool->LeaveCache(*cache);
  }
}

void PrepareFork() {
  pools_lock.Lock();
  for (PoolHeap* pool = pools; pool != nullptr; pool = pool->next_pool) {
    pool->PrepareFork();
  }
}

void FinishForkInParent() {
  for (PoolHeap* pool = pools; pool != nullptr; pool = pool->next_pool) {
    pool->FinishForkInParent();
  }
  pools_lock.Unlock();
}

void FinishForkInChild() {
  for (PoolHeap* pool = pools; pool != nullptr; pool = pool->next_pool) {
    pool->FinishForkInChild(ThisThread());
  }
  pools_lock.Unlock();
}

}  // namespace

ThreadCache* FindLocalCache(PoolHeap& pool) {
  if (!watches_end) watches_end = os::CallAtThreadEnd(&OnThreadEnd);
  ThreadCache* cache = pool.FindCache(ThisThread());
  if (cache == nullptr) cache = pool.TakeCache(ThisThread());
  if (cache != nullptr) {
    local_caches[pool.serial() % kLocalCaches] = {pool.serial(), cache};
  }
  return cache;
}

void AddPool(PoolHeap& pool) {
  bool first = false;
  {
    PoolLockHolder holder(pools_lock);
    pool.next_pool = pools;
    pools = &pool;
    first = !watches_fork;
    watches_fork = true;
  }
  if (first) {
    os::CallAroundFork(&PrepareFork, &FinishForkInParent, &FinishForkInChild);
  }
}

void RemovePool(PoolHeap& pool) {
  PoolLockHolder holder(pools_lock);
  PoolHeap** at = &pools;
  while (*at != &pool) at = &(*at)->next_pool;
  *at = pool.next_pool;
}

}  // namespace dbgalloc::pool
