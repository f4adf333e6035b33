// The calling thread's cache of any pool there is: what the class PoolAllocator
// looks up on each call.
#ifndef DBGALLOC_ALLOC_POOL_LOCAL_CACHES_H_
#define DBGALLOC_ALLOC_POOL_LOCAL_CACHES_H_

#include <cstddef>
#include <cstdint>

#include "alloc/pool/pool_heap.h"

namespace dbgalloc::pool {

// A thread's caches of the pools it used last, found by the pool's number.
struct LocalCache {
  uint64_t serial = 0;  // 0: none
  ThreadCache* cache = nullptr;
};

inline constexpr size_t kLocalCaches = 16;

[[gnu::tls_model("initial-exec")]] inline constinit thread_local LocalCache
    local_caches[kLocalCaches] = {};

// Finds the cache among all of the pool, or takes one. Null: no memory.
ThreadCache* FindLocalCache(PoolHeap& pool);

inline ThreadCache* CacheOfThread(PoolHeap& pool) {
  const LocalCache& slot = local_caches[pool.serial() % kLocalCaches];
  if (__builtin_expect(slot.serial == pool.serial(), 1)) return slot.cache;
  return FindLocalCache(pool);
}

// Pools whose threads are to be told of: from now until RemovePool(), the end
// of a thread and a fork reach them.
void AddPool(PoolHeap& pool);
void RemovePool(PoolHeap& pool);

}  // namespace dbgalloc::pool

#endif  // DBGALLOC_ALLOC_POOL_LOCAL_CACHES_H_
