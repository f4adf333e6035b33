// The caches of a pool's threads, and what they say of the pool as a whole.
#include <new>

#include "alloc/os/pages.h"
#include "alloc/pool/pool_heap.h"
#include "alloc/pool/pool_lock.h"

namespace dbgalloc::pool {
namespace {

// So many caches of ended threads wait as they are; the blocks of any more go
// to the shared lists.
constexpr unsigned kMaxIdleFull = 8;

}  // namespace

ThreadCache* PoolHeap::FindCache(uintptr_t owner) {
  PoolLockHolder holder(caches_lock_);
  for (ThreadCache* cache = caches_; cache != nullptr; cache = cache->next) {
    if (cache->owner == owner) return cache;
  }
  return nullptr;
}

ThreadCache* PoolHeap::TakeCache(uintptr_t owner) {
  PoolLockHolder holder(caches_lock_);
  ThreadCache* cache = idle_caches_;
  if (cache != nullptr) {
    idle_caches_ = cache->next_idle;
    --idle_count_;
    cache->owner = owner;
    return cache;
  }
  void* memory =
      os::MapPages(RoundUpToPages(sizeof(ThreadCache)), os::PageSize());
  if (memory == nullptr) return nullptr;
  cache = new (memory) ThreadCache;
  cache->pool = this;
  cache->owner = owner;
  small_.InitCache(*cache, cache_count_++);
  cache->next = caches_;
  caches_ = cache;
  return cache;
}

void PoolHeap::ForEachCache(void (*visit)(ThreadCache& cache)) {
  PoolLockHolder holder(caches_lock_);
  for (ThreadCache* cache = caches_; cache != nullptr; cache = cache->next) {
    visit(*cache);
  }
}

void PoolHeap::LeaveCache(ThreadCache& cache) {
  Finding finding;
  bool flush = false;
  {
    PoolLockHolder holder(caches_lock_);
    flush = idle_count_ >= kMaxIdleFull;
  }
  if (flush) finding = small_.Flush(cache);
  {
    PoolLockHolder holder(caches_lock_);
    cache.owner = 0;
    cache.next_idle = idle_caches_;
    idle_caches_ = &cache;
    ++idle_count_;
  }
  if (finding) ReportFinding(finding, Operation::kFree, CallerFrame());
}

void PoolHeap::AddCacheStatistics(const ThreadCache& cache,
                                  PoolStatistics& statistics) const {
  TierStatistics& small = statistics.tiers[static_cast<size_t>(Tier::kSmall)];
  for (SizeClass c = 1; c <= kClasses; ++c) {
    const Bin& bin = cache.bins[c];
    uint64_t cached = uint64_t{bin.tally.count()} + bin.spare_count;
    // May be "negative" for one cache: its thread frees what others took.
    uint64_t live = cache.inflow[c] - cached;
    small.allocations += bin.tally.served();
    small.live_blocks += live;
    small.live_bytes += live * ClassSize(c);
    statistics.cached_blocks += cached;
    statistics.cached_bytes += cached * ClassSize(c);
  }
  for (size_t i = static_cast<size_t>(Tier::kMedium); i < kTiers; ++i) {
    statistics.tiers[i].allocations += cache.tiers[i].allocations();
    statistics.tiers[i].frees += cache.tiers[i].frees();
    statistics.tiers[i].live_bytes += cache.tiers[i].live_bytes();
  }
}

PoolStatistics PoolHeap::GetStatistics() const {
  PoolStatistics statistics;
  {
    PoolLockHolder holder(caches_lock_);
    for (const ThreadCache* cache = caches_; cache != nullptr;
         cache = cache->next) {
      AddCacheStatistics(*cache, statistics);
    }
  }
  TierStatistics& small = statistics.tiers[static_cast<size_t>(Tier::kSmall)];
  small.frees = small.allocations - small.live_blocks;
  for (size_t i = static_cast<size_t>(Tier::kMedium); i < kTiers; ++i) {
    TierStatistics& tier = statistics.tiers[i];
    tier.live_blocks = tier.allocations - tier.frees;
  }
  statistics.errors = errors_.load(std::memory_order_relaxed);
  statistics.spans = small_.spans().spans_in_use();
  statistics.reserved_bytes = small_.spans().chunk_bytes() +
                              medium_.regions() * kRegionSize +
                              units_.leaf_bytes();
  return statistics;
}

namespace {

struct BlockVisit {
  void (*visit)(void* context, const LiveBlock& block);
  void* context;
};

void VisitSpan(void* context, Span& span) {
  const BlockVisit& to = *static_cast<const BlockVisit*>(context);
  for (uint32_t i = 0; i < span.carved_blocks(); ++i) {
    uintptr_t at = span.BlockAt(i);
    BlockState state = LoadState(StateOf(at, span.size_class));
    if (!IsLive(state)) continue;
    LiveBlock block;
    block.begin = at;
    block.size = SmallSizeOf(span.size_class, state);
    block.maker = MakerOf(state);
    to.visit(to.context, block);
  }
}

void VisitMapping(void* context, const Mapping& mapping) {
  const BlockVisit& to = *static_cast<const BlockVisit*>(context);
  LiveBlock block;
  block.begin = mapping.begin;
  block.size = mapping.size;
  block.maker = MakerOf(mapping.state);
  block.tier = TierOfMapping(mapping.mapped);
  to.visit(to.context, block);
}

void VisitRegion(BuddyRegion& region, const BlockVisit& to) {
  for (size_t i = 0; i < kNodes / 2; ++i) {
    const MediumBlock& found = region.blocks[i];
    uint8_t state = found.state.load(std::memory_order_acquire);
    if (!IsLive(state)) continue;
    LiveBlock block;
    block.begin = region.begin + i * kMinMediumSize;
    block.size = found.size;
    block.maker = MakerOf(state);
    block.tier = Tier::kMedium;
    to.visit(to.context, block);
  }
}

}  // namespace

void PoolHeap::ForEachBlock(void (*visit)(void* context,
                                          const LiveBlock& block),
                            void* context) {
  BlockVisit to{visit, context};
  small_.spans().ForEachSpan(&VisitSpan, &to);
  for (uint32_t i = 0; i < medium_.regions(); ++i) {
    VisitRegion(*medium_.region(i), to);
  }
  mappings_.ForEach(&VisitMapping, &to);
}

}  // namespace dbgalloc::pool
