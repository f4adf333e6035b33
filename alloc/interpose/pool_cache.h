// The fast way into the pool: one thread-local pointer, null unless the pool
// serves malloc and nothing has to be looked at first. So the choice of the
// allocator costs an entry point one branch.
#ifndef DBGALLOC_ALLOC_INTERPOSE_POOL_CACHE_H_
#define DBGALLOC_ALLOC_INTERPOSE_POOL_CACHE_H_

#include <atomic>
#include <cstddef>

#include "alloc/base/malloc_gate.h"
#include "alloc/pool/pool_heap.h"
#include "alloc/pool/thread_cache.h"

namespace dbgalloc::interpose {

inline pool::ThreadCache* FastPoolCache() {
  return static_cast<pool::ThreadCache*>(base::malloc_gate.fast_way());
}

// One use of the cache. A signal handler that comes in the middle of it finds
// this thread inside the heap and is served from elsewhere; in the handler the
// fast way is closed.
class FastPoolUse {
 public:
  FastPoolUse() : cache_(FastPoolCache()) {
    if (__builtin_expect(cache_ == nullptr, 0)) return;
    if (__builtin_expect(!base::malloc_gate.IsWideOpen(), 0)) {
      cache_ = nullptr;
      return;
    }
    base::malloc_gate.EnterFromWideOpen();
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
  ~FastPoolUse() {
    if (__builtin_expect(cache_ == nullptr, 0)) return;
    std::atomic_signal_fence(std::memory_order_seq_cst);
    base::malloc_gate.LeaveToWideOpen();
  }
  FastPoolUse(const FastPoolUse&) = delete;
  FastPoolUse& operator=(const FastPoolUse&) = delete;

  // Null: take the general way.
  pool::ThreadCache* cache() const { return cache_; }

 private:
  pool::ThreadCache* cache_;
};

// Null: take the general way.
inline void* PopFromPool(size_t size, pool::Maker maker) {
  FastPoolUse use;
  pool::ThreadCache* cache = use.cache();
  if (__builtin_expect(cache == nullptr, 0)) return nullptr;
  if (__builtin_expect(size > pool::kTableSize, 0)) return nullptr;
  return cache->Pop(pool::ClassOfTableSize(size), size, maker);
}

// The same for sizes whose class has to be computed.
inline void* PopLargerFromPool(size_t size, pool::Maker maker) {
  FastPoolUse use;
  pool::ThreadCache* cache = use.cache();
  if (cache == nullptr) return nullptr;
  if (size > pool::kMaxSmallSize) {
    return cache->pool->TakeLatestMedium(*cache, size, maker);
  }
  return cache->Pop(pool::ClassOf(size), size, maker);
}

inline void* PopAlignedFromPool(size_t size, size_t alignment,
                                pool::Maker maker) {
  FastPoolUse use;
  pool::ThreadCache* cache = use.cache();
  if (__builtin_expect(cache == nullptr, 0)) return nullptr;
  constexpr size_t kMost = pool::kMaxSmallAlignment;
  if (__builtin_expect(alignment > kMost || size > kMost, 0)) return nullptr;
  return cache->Pop(pool::ClassOf(size, alignment), size, maker);
}

// free(). False: take the general way; also for null.
inline bool PushToPool(void* block) {
  constexpr uint8_t kMallocFamily = 0b011;
  FastPoolUse use;
  pool::ThreadCache* cache = use.cache();
  if (__builtin_expect(cache == nullptr, 0)) return false;
  return cache->TryPush(block, kMallocFamily,
                        static_cast<uint8_t>(pool::Maker::kMalloc));
}

// free() of what the first step refused: a medium block, perhaps.
inline bool PushLargerToPool(void* block) {
  FastPoolUse use;
  pool::ThreadCache* cache = use.cache();
  if (cache == nullptr) return false;
  return cache->pool->GiveBackMedium(*cache, block, pool::Maker::kMalloc);
}

// A plain operator delete.
inline bool PushToPool(void* block, pool::Maker maker) {
  FastPoolUse use;
  pool::ThreadCache* cache = use.cache();
  if (__builtin_expect(cache == nullptr, 0)) return false;
  return cache->TryPush(block, pool::kMakerMask, static_cast<uint8_t>(maker));
}

// One that states the size.
inline bool PushSizedToPool(void* block, size_t size, pool::Maker maker) {
  FastPoolUse use;
  pool::ThreadCache* cache = use.cache();
  if (__builtin_expect(cache == nullptr, 0)) return false;
  return cache->TryPushSized(block, pool::LiveState(size, maker), size);
}

inline bool PushLargerSizedToPool(void* block, size_t size, pool::Maker maker) {
  FastPoolUse use;
  pool::ThreadCache* cache = use.cache();
  if (cache == nullptr || size > pool::kMaxSmallSize) return false;
  return cache->TryPushLargerSized(block, pool::LiveState(size, maker), size);
}

inline void* ReallocateInFastPool(void* block, size_t size) {
  FastPoolUse use;
  pool::ThreadCache* cache = use.cache();
  if (__builtin_expect(cache == nullptr || size == 0, 0)) return nullptr;
  return cache->TryReallocate(block, size);
}

}  // namespace dbgalloc::interpose

#endif  // DBGALLOC_ALLOC_INTERPOSE_POOL_CACHE_H_
