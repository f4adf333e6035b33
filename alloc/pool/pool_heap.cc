#include "alloc/pool/pool_heap.h"

#include <string.h>

#include <new>

#include "alloc/os/clock.h"
#include "alloc/os/pages.h"
#include "alloc/pool/pool_lock.h"

namespace dbgalloc::pool {
namespace {

// Pools are told apart by numbers that are never used again.
constinit std::atomic<uint64_t> next_serial{1};

constexpr uint64_t kNanosecondsInMillisecond = 1'000'000;

size_t PoolBytes() { return RoundUpToPages(sizeof(PoolHeap)); }

void* PointerTo(uintptr_t address) { return reinterpret_cast<void*>(address); }

}  // namespace

PoolHeap::PoolHeap(const Options& options, const PoolHost& host)
    : options_(options),
      host_(host),
      reports_(options.pool_checks > 0),
      fills_(options.pool_checks >= 2),
      notes_(WantsNotes(options) ? BlockNotes::Create() : nullptr),
      serial_(next_serial.fetch_add(1, std::memory_order_relaxed)),
      release_interval_(static_cast<uint64_t>(options.release_interval_ms) *
                        kNanosecondsInMillisecond),
      memory_(options.huge_pages) {
  SmallTierConfig config;
  config.cache_blocks = static_cast<size_t>(options.cache_blocks.value());
  config.cache_bytes = options.cache_bytes;
  config.form = BestStackForm();
  if (notes_ != nullptr) {
    config.on_fresh = &ForgetFill;
    config.on_fresh_context = this;
  }
  small_.Init(config, &units_, &memory_);
  medium_.Init(&units_, &memory_);
  mappings_.Init(&units_, &memory_);
}

PoolHeap* PoolHeap::Create(const Options& options, const PoolHost& host) {
  void* memory = os::MapPages(PoolBytes(), os::PageSize());
  return memory == nullptr ? nullptr : new (memory) PoolHeap(options, host);
}

void PoolHeap::Destroy(PoolHeap* pool) {
  pool->small_.Destroy();
  pool->medium_.Destroy();
  pool->mappings_.Destroy();
  pool->units_.Destroy();
  if (pool->notes_ != nullptr) BlockNotes::Destroy(pool->notes_);
  while (pool->caches_ != nullptr) {
    ThreadCache* cache = pool->caches_;
    pool->caches_ = cache->next;
    os::ReleasePages(cache, RoundUpToPages(sizeof(ThreadCache)));
  }
  os::ReleasePages(pool, PoolBytes());
}

// --- Allocating ---

Tier TierOfMapping(size_t mapped) {
  return mapped > kMaxLargeSize ? Tier::kHuge : Tier::kLarge;
}

// A shrunk block of realloc's keeps its place down to half of it, so the size
// that free_sized states may be of a smaller class.
bool PoolHeap::SmallSizeHolds(SizeClass size_class, BlockState state,
                              const PoolClaim& claim) {
  if (!claim.size_stated) return true;
  if (LiveState(claim.size, MakerOf(state)) != (state & ~kPlaceMask)) {
    return false;
  }
  if (claim.size > ClassSize(size_class)) return false;
  if (MayFree(Maker::kMalloc, MakerOf(state))) {
    return size_class == 1 || claim.size > ClassSize(size_class) / 2 ||
           ClassOf(claim.size, claim.alignment) == size_class;
  }
  return ClassOf(claim.size, claim.alignment) == size_class;
}

bool PoolHeap::IsDirect(const PoolRequest& request) {
  return request.size > kRegionSize || request.alignment > kMaxSmallAlignment;
}

// A size that rounding up to the alignment carries beyond the small tier's
// belongs to the next one.
void* PoolHeap::AllocateInTier(ThreadCache& cache, const PoolRequest& request,
                               const CallerFrame& caller) {
  if (__builtin_expect(IsDirect(request), 0))
    return AllocateMapping(cache, request);
  size_t rounded = request.size;
  if (request.alignment > kGranule) {
    rounded = (rounded + request.alignment - 1) & ~(request.alignment - 1);
  }
  if (rounded <= kMaxSmallSize) return AllocateSmall(cache, request, caller);
  return AllocateMedium(cache, request);
}

void* PoolHeap::Allocate(ThreadCache& cache, const PoolRequest& request,
                         const CallerFrame& caller) {
  void* block = AllocateInTier(cache, request, caller);
  if (__builtin_expect(notes_ != nullptr, 0) && block != nullptr) {
    NoteAllocation(block, request, caller);
  }
  return block;
}

void* PoolHeap::AllocateSmall(ThreadCache& cache, const PoolRequest& request,
                              const CallerFrame& caller) {
  SizeClass size_class = ClassOf(request.size, request.alignment);
  void* block = cache.Pop(size_class, request.size, request.maker);
  while (__builtin_expect(block == nullptr, 0)) {
    bool was_empty = cache.bins[size_class].tally.count() == 0;
    Finding finding = was_empty ? small_.Refill(cache, size_class)
                                : small_.DropTop(cache, size_class);
    if (finding) ReportFinding(finding, Operation::kAllocate, caller);
    if (was_empty && cache.bins[size_class].tally.count() == 0) return nullptr;
    block = cache.Pop(size_class, request.size, request.maker);
  }
  if (__builtin_expect(fills_ && notes_ != nullptr, 0)) {
    CheckFill(block, size_class, Operation::kAllocate, caller);
  }
  if (request.zeroed) memset(block, 0, request.size);
  return block;
}

void* PoolHeap::HandOutMedium(ThreadCache& cache, const MediumRun& run,
                              unsigned order, const PoolRequest& request) {
  MediumBlock& block = medium_.Find(run.begin)->BlockAt(run.begin);
  block.order = static_cast<uint8_t>(order);
  block.size = request.size;
  block.alignment = request.alignment;
  block.state.store(LiveState(request.size, request.maker),
                    std::memory_order_release);
  cache.CountersOf(Tier::kMedium).CountAllocation(OrderSize(order));
  return PointerTo(run.begin);
}

// Where no region can be had, a mapping of its own may still fit.
void* PoolHeap::AllocateMedium(ThreadCache& cache, const PoolRequest& request) {
  unsigned order = OrderOf(request.size);
  MediumRun run = medium_.Take(order);
  if (run.begin == 0) return AllocateMapping(cache, request);
  void* block = HandOutMedium(cache, run, order, request);
  if (request.zeroed && !run.fresh) memset(block, 0, request.size);
  return block;
}

void* PoolHeap::TakeLatestMedium(ThreadCache& cache, size_t size, Maker maker) {
  if (size <= kMaxSmallSize || size > kRegionSize) return nullptr;
  unsigned order = OrderOf(size);
  MediumRun run = medium_.TakeLatest(order);
  if (run.begin == 0) return nullptr;
  PoolRequest request;
  request.size = size;
  request.maker = maker;
  return HandOutMedium(cache, run, order, request);
}

bool PoolHeap::GiveBackMedium(ThreadCache& cache, void* pointer, Maker maker) {
  uintptr_t address = reinterpret_cast<uintptr_t>(pointer);
  if (units_.Find(address) != kMediumRegion) return false;
  if (address % kMinMediumSize != 0 || !medium_.keeps_latest()) return false;
  MediumBlock& block = medium_.Find(address)->BlockAt(address);
  uint8_t state = block.state.load(std::memory_order_acquire);
  if (!IsLive(state) || !MayFree(maker, MakerOf(state))) return false;
  unsigned order = block.order;
  if (!block.state.compare_exchange_strong(state, 0,
                                           std::memory_order_acq_rel)) {
    return false;
  }
  cache.CountersOf(Tier::kMedium).CountFree(OrderSize(order));
  medium_.GiveBack(address, order);
  return true;
}

void* PoolHeap::AllocateMapping(ThreadCache& cache,
                                const PoolRequest& request) {
  Mapping wanted;
  wanted.size = request.size;
  wanted.alignment = request.alignment == 0 ? kGranule : request.alignment;
  wanted.state = LiveState(request.size, request.maker);
  Mapping taken = mappings_.Take(wanted);
  if (taken.begin == 0) return nullptr;
  cache.CountersOf(TierOfMapping(taken.mapped)).CountAllocation(taken.mapped);
  if (request.zeroed && !taken.fresh) {
    memset(PointerTo(taken.begin), 0, request.size);
  }
  return PointerTo(taken.begin);
}

// --- Freeing ---

void PoolHeap::Free(ThreadCache& cache, void* pointer, const PoolClaim& claim,
                    const CallerFrame& caller) {
  if (pointer == nullptr) return;
  uintptr_t block = reinterpret_cast<uintptr_t>(pointer);
  UnitKind kind = units_.Find(block);
  if (IsSmall(kind)) return FreeSmall(cache, block, kind, claim, caller);
  if (kind == kMediumRegion) return FreeMedium(cache, block, claim, caller);
  if (kind == kMapping) return FreeMapping(cache, block, claim, caller);
  ReportBadPointer(block, claim, caller);
}

void PoolHeap::FreeSmall(ThreadCache& cache, uintptr_t block,
                         SizeClass size_class, const PoolClaim& claim,
                         const CallerFrame& caller) {
  BlockState* state_word = StateOf(block, size_class);
  BlockState state = LoadState(state_word);
  if (!IsLiveBlock(block, state)) {
    return ReportBadPointer(block, claim, caller);
  }
  bool size_is_right =
      SmallSizeHolds(size_class, state, claim) && NotedSizeHolds(block, claim);
  if (!size_is_right || !MayFree(claim.maker, MakerOf(state)) ||
      (claim.alignment > kGranule && block % claim.alignment != 0)) {
    ClaimHolds(block, DescribeSmall(block, size_class), state, size_is_right,
               claim, caller);
  }
  if (cache.IsFull(size_class)) {
    Finding finding = small_.Spill(cache, size_class);
    if (finding) ReportFinding(finding, claim.operation, caller);
    if (small_.spans().oldest_dirty() != 0) ReleaseOldSpans();
    if (cache.IsFull(size_class)) return;  // no memory for a list: it is lost
  }
  if (__builtin_expect(notes_ != nullptr, 0)) {
    NoteFree(block, caller);
    if (fills_) FillFree(block, size_class);
  }
  cache.Push(block, state_word, size_class);
}

void PoolHeap::FreeMedium(ThreadCache& cache, uintptr_t address,
                          const PoolClaim& claim, const CallerFrame& caller) {
  BuddyRegion* region = medium_.Find(address);
  MediumBlock& block = region->BlockAt(address);
  uint8_t state = block.state.load(std::memory_order_acquire);
  bool is_start = address % kMinMediumSize == 0;
  if (!is_start || !IsLive(state)) {
    return ReportBadPointer(address, claim, caller);
  }
  bool size_is_right = !claim.size_stated || claim.size == block.size;
  if (!size_is_right || !MayFree(claim.maker, MakerOf(state)) ||
      (claim.alignment > kGranule && address % claim.alignment != 0)) {
    ClaimHolds(address, DescribeMedium(address), state, size_is_right, claim,
               caller);
  }
  unsigned order = block.order;
  if (!block.state.compare_exchange_strong(state, 0,
                                           std::memory_order_acq_rel)) {
    return ReportBadPointer(address, claim, caller);  // another was faster
  }
  if (notes_ != nullptr) NoteFree(address, caller);
  cache.CountersOf(Tier::kMedium).CountFree(OrderSize(order));
  medium_.GiveBack(address, order);
  if (on_garbage_ != nullptr) on_garbage_();
}

void PoolHeap::FreeMapping(ThreadCache& cache, uintptr_t address,
                           const PoolClaim& claim, const CallerFrame& caller) {
  Mapping mapping = mappings_.Remove(address);
  if (mapping.begin == 0) return ReportBadPointer(address, claim, caller);
  bool size_is_right = !claim.size_stated || claim.size == mapping.size;
  if (!size_is_right || !MayFree(claim.maker, MakerOf(mapping.state))) {
    mappings_.PutBack(mapping);
    ClaimHolds(address, DescribeMapping(address), mapping.state, size_is_right,
               claim, caller);
    mapping = mappings_.Remove(address);
    if (mapping.begin == 0) return;
  }
  cache.CountersOf(TierOfMapping(mapping.mapped)).CountFree(mapping.mapped);
  if (notes_ != nullptr) NoteFree(address, caller);
  mappings_.GiveBack(mapping);
  if (on_garbage_ != nullptr) on_garbage_();
}

// --- Questions ---

size_t PoolHeap::UsableSize(const void* pointer, const CallerFrame& caller) {
  uintptr_t block = reinterpret_cast<uintptr_t>(pointer);
  UnitKind kind = units_.Find(block);
  if (IsSmall(kind) && IsLiveBlock(block, LoadState(StateOf(block, kind)))) {
    return ClassSize(kind);
  }
  if (kind == kMediumRegion && block % kMinMediumSize == 0) {
    MediumBlock& found = medium_.Find(block)->BlockAt(block);
    if (IsLive(found.state.load(std::memory_order_acquire))) return found.size;
  }
  if (kind == kMapping) {
    Mapping found = mappings_.FindAt(block);
    if (found.begin != 0) return found.size;
  }
  PoolClaim claim;
  claim.operation = Operation::kUsableSize;
  ReportBadPointer(block, claim, caller);
  return 0;
}

bool PoolHeap::Owns(const void* address) const {
  return units_.Find(reinterpret_cast<uintptr_t>(address)) != kNotOurs;
}

// --- Memory to the system ---

size_t PoolHeap::ReleaseFreeMemory(ThreadCache& cache,
                                   const CallerFrame& caller) {
  Finding finding = small_.Flush(cache);
  {
    PoolLockHolder holder(caches_lock_);
    for (ThreadCache* idle = idle_caches_; idle != nullptr;
         idle = idle->next_idle) {
      Finding found = small_.Flush(*idle);
      if (found) finding = found;
    }
  }
  small_.Trim();
  if (finding) ReportFinding(finding, Operation::kHeapCheck, caller);
  return small_.spans().Purge(UINT64_MAX) +
         medium_.Purge(MediumTier::PurgeWhat::kAll) + mappings_.Purge(true);
}

// Without a thread of ours: whoever frees small blocks looks now and then.
void PoolHeap::ReleaseOldSpans() {
  if (release_interval_ == 0) return;
  uint64_t now = os::MonotonicNanoseconds();
  uint64_t oldest = small_.spans().oldest_dirty();
  if (oldest != 0 && now - oldest > release_interval_) {
    small_.spans().Purge(now - release_interval_);
  }
}

bool PoolHeap::HasGarbage() const {
  return small_.spans().oldest_dirty() != 0 || medium_.has_garbage() ||
         mappings_.has_garbage();
}

bool PoolHeap::ReleaseOldMemory() {
  ReleaseOldSpans();
  medium_.Purge(MediumTier::PurgeWhat::kOlder);
  mappings_.Purge(false);
  return HasGarbage();
}

// --- Fork ---

void PoolHeap::PrepareFork() {
  caches_lock_.Lock();
  small_.PrepareFork();
  medium_.PrepareFork();
  mappings_.lock().Lock();
}

void PoolHeap::FinishForkInParent() {
  mappings_.lock().Unlock();
  medium_.FinishFork();
  small_.FinishFork();
  caches_lock_.Unlock();
}

void PoolHeap::FinishForkInChild(uintptr_t owner) {
  for (ThreadCache* cache = caches_; cache != nullptr; cache = cache->next) {
    if (cache->owner != owner) cache->owner = 0;
  }
  FinishForkInParent();
}

}  // namespace dbgalloc::pool
