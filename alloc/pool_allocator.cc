#include "dbgalloc/pool_allocator.h"

#include "alloc/base/state_shield.h"
#include "alloc/debug/debug_heap.h"
#include "alloc/debug/system_host.h"
#include "alloc/pool/keeper.h"
#include "alloc/pool/local_caches.h"
#include "alloc/pool/pool_heap.h"
#include "alloc/report/reporter.h"

namespace dbgalloc {
namespace {

using pool::CacheOfThread;
using pool::PoolClaim;
using pool::PoolHeap;
using pool::PoolHost;
using pool::PoolRequest;
using pool::ThreadCache;

static_assert(kPoolTiers == pool::kTiers);

PoolHost HostOf(const Options& options, ErrorSink* sink) {
  debug::HeapHost system = debug::SystemHost(options);
  PoolHost host;
  host.current_thread = system.current_thread;
  host.record_stack = system.record_stack;
  host.sink = sink;
  return host;
}

PoolRequest RequestOf(size_t size, size_t alignment) {
  PoolRequest request;
  request.size = size;
  request.alignment = alignment;
  return request;
}

PoolClaim ClaimOf(size_t size, size_t alignment, Operation operation) {
  PoolClaim claim;
  claim.size_stated = true;
  claim.size = size;
  claim.alignment = alignment;
  claim.operation = operation;
  return claim;
}

debug::AllocationRequest CheckedRequestOf(size_t size, size_t alignment) {
  debug::AllocationRequest request;
  request.size = size;
  request.alignment = alignment;
  return request;
}

debug::FreeClaim CheckedClaimOf(size_t size, size_t alignment,
                                Operation operation) {
  debug::FreeClaim claim;
  claim.size_stated = true;
  claim.size = size;
  claim.alignment = alignment;
  claim.operation = operation;
  return claim;
}

PoolTier TierOf(size_t size) {
  if (size <= pool::kMaxSmallSize) return PoolTier::kSmall;
  if (size <= pool::kRegionSize) return PoolTier::kMedium;
  return size <= pool::kMaxLargeSize ? PoolTier::kLarge : PoolTier::kHuge;
}

// What the checks take their memory from.
class PoolBacking final : public Allocator {
 public:
  explicit PoolBacking(PoolHeap* heap) : heap_(heap) {}
  void* Allocate(size_t size, size_t alignment) override {
    ThreadCache* cache = CacheOfThread(*heap_);
    if (cache == nullptr) return nullptr;
    return heap_->Allocate(*cache, RequestOf(size, alignment),
                           stack::CallerFrame());
  }
  bool Resize(void* /*block*/, size_t /*size*/, size_t /*alignment*/,
              size_t /*new_size*/) override {
    return false;
  }
  void* Remap(void* /*block*/, size_t /*size*/, size_t /*alignment*/,
              size_t /*new_size*/) override {
    return nullptr;
  }
  void Deallocate(void* block, size_t size, size_t alignment) override {
    ThreadCache* cache = CacheOfThread(*heap_);
    if (cache == nullptr) return;
    heap_->Free(*cache, block, ClaimOf(size, alignment, Operation::kFree),
                stack::CallerFrame());
  }

 private:
  PoolHeap* heap_;
};

// The live blocks, one group a tier.
struct TierGroups {
  LeakGroup groups[kPoolTiers];
};

void AddToGroup(void* context, const pool::LiveBlock& block) {
  LeakGroup& group = static_cast<TierGroups*>(context)
                         ->groups[static_cast<size_t>(block.tier)];
  ++group.blocks;
  group.bytes += block.size;
  if (group.example.known) return;
  group.stack = block.allocation_stack;
  group.example.known = true;
  group.example.live = true;
  group.example.begin = block.begin;
  group.example.tier =
      static_cast<BlockTier>(static_cast<unsigned>(block.tier) + 1);
  group.example.size = block.size;
  group.example.allocated.stack = block.allocation_stack;
  group.example.allocated.known = block.allocation_stack != 0;
}

struct Visit {
  void (*visit)(void* context, const PoolBlock& block);
  void* context;
};

void PassOn(void* context, const pool::LiveBlock& block) {
  const Visit& to = *static_cast<const Visit*>(context);
  to.visit(to.context, {reinterpret_cast<void*>(block.begin), block.size,
                        static_cast<PoolTier>(block.tier)});
}

void CountLive(void* context, const BlockDescription& block) {
  PoolTierStatistics& tier =
      static_cast<PoolAllocatorStatistics*>(context)
          ->tiers[static_cast<size_t>(TierOf(block.size))];
  ++tier.live_blocks;
  tier.live_bytes += block.size;
  ++tier.allocations;
}

// The program's blocks in place of those that the checks took from the pool.
// Which tier a block was of that is gone is not known: it counts as small.
void DescribeChecked(debug::DebugHeap& checks,
                     PoolAllocatorStatistics& result) {
  base::ScopedOpenState open;
  for (PoolTierStatistics& tier : result.tiers) tier = {};
  checks.ForEachLiveBlock(&CountLive, &result);
  debug::HeapStatistics known = checks.GetStatistics();
  PoolTierStatistics& small =
      result.tiers[static_cast<size_t>(PoolTier::kSmall)];
  small.allocations += known.frees;
  small.deallocations += known.frees;
  result.errors = known.errors;
}

void PassOnChecked(void* context, const BlockDescription& block) {
  const Visit& to = *static_cast<const Visit*>(context);
  to.visit(to.context, {reinterpret_cast<void*>(block.begin), block.size,
                        TierOf(block.size)});
}

}  // namespace

const char* PoolTierName(PoolTier tier) {
  constexpr const char* kNames[kPoolTiers] = {"small", "medium", "large",
                                              "huge"};
  return kNames[static_cast<size_t>(tier)];
}

PoolAllocator::PoolAllocator() : PoolAllocator(Options()) {}

PoolAllocator::PoolAllocator(const Options& options)
    : options_(Options::ForInstance(options)) {
  static_assert(sizeof(report::OptionsErrorSink) <= kSinkSize);
  sink_ = new (sink_storage_) report::OptionsErrorSink(options_);
  heap_ = PoolHeap::Create(options_, HostOf(options_, sink_));
  if (heap_ == nullptr) return;
  pool::AddPool(*heap_);
  pool::StartKeeping(*heap_);
  if (options_.debug_pools && options_.safety) StartChecks();
}

void PoolAllocator::StartChecks() {
  static_assert(sizeof(PoolBacking) <= kBackingSize);
  Allocator* backing = new (backing_storage_) PoolBacking(heap_);
  debug::HeapHost host = debug::SystemHost(options_);
  host.sink = sink_;
  base::ScopedOpenState open;
  checks_ = debug::DebugHeap::Create(*backing, options_, host);
}

PoolAllocator::~PoolAllocator() {
  if (heap_ == nullptr) return;
  if (checks_ != nullptr) {
    CheckBlocks();
    base::ScopedOpenState open;
    debug::DebugHeap::Destroy(checks_);
  }
  pool::StopKeeping(*heap_);
  pool::RemovePool(*heap_);
  PoolHeap::Destroy(heap_);
}

void* PoolAllocator::Allocate(size_t size, size_t alignment) {
  if (heap_ == nullptr) return nullptr;
  if (__builtin_expect(checks_ != nullptr, 0)) {
    base::ScopedOpenState open;
    return checks_->Allocate(CheckedRequestOf(size, alignment),
                             DBGALLOC_CALLER_FRAME());
  }
  ThreadCache* cache = CacheOfThread(*heap_);
  if (cache == nullptr) return nullptr;
  if (heap_->is_fast() && size <= pool::kMaxSmallSize &&
      alignment <= pool::kGranule) {
    void* block =
        cache->Pop(pool::ClassOf(size), size, pool::Maker::kAllocator);
    if (__builtin_expect(block != nullptr, 1)) return block;
  }
  return heap_->Allocate(*cache, RequestOf(size, alignment),
                         DBGALLOC_CALLER_FRAME());
}

void PoolAllocator::Deallocate(void* block, size_t size, size_t alignment) {
  if (heap_ == nullptr) return;
  if (__builtin_expect(checks_ != nullptr, 0)) {
    base::ScopedOpenState open;
    checks_->Free(block, CheckedClaimOf(size, alignment, Operation::kFree),
                  DBGALLOC_CALLER_FRAME());
    return;
  }
  ThreadCache* cache = CacheOfThread(*heap_);
  if (cache == nullptr) return;
  if (heap_->is_fast() && size <= pool::kMaxSmallSize &&
      alignment <= pool::kGranule) {
    uint8_t state = pool::LiveState(size, pool::Maker::kAllocator);
    if (cache->TryPushLargerSized(block, state, size)) return;
  }
  heap_->Free(*cache, block, ClaimOf(size, alignment, Operation::kFree),
              DBGALLOC_CALLER_FRAME());
}

bool PoolAllocator::Resize(void* block, size_t size, size_t alignment,
                           size_t new_size) {
  if (__builtin_expect(checks_ != nullptr, 0)) {
    base::ScopedOpenState open;
    return checks_->Resize(block, new_size,
                           CheckedClaimOf(size, alignment, Operation::kResize),
                           DBGALLOC_CALLER_FRAME());
  }
  ThreadCache* cache = heap_ == nullptr ? nullptr : CacheOfThread(*heap_);
  if (cache == nullptr) return false;
  return heap_->Resize(*cache, block, new_size,
                       ClaimOf(size, alignment, Operation::kResize),
                       DBGALLOC_CALLER_FRAME());
}

void* PoolAllocator::Remap(void* block, size_t size, size_t alignment,
                           size_t new_size) {
  if (__builtin_expect(checks_ != nullptr, 0)) {
    base::ScopedOpenState open;
    return checks_->Remap(block, CheckedRequestOf(new_size, alignment),
                          CheckedClaimOf(size, alignment, Operation::kRemap),
                          DBGALLOC_CALLER_FRAME());
  }
  ThreadCache* cache = heap_ == nullptr ? nullptr : CacheOfThread(*heap_);
  if (cache == nullptr) return nullptr;
  return heap_->Remap(*cache, block, RequestOf(new_size, alignment),
                      ClaimOf(size, alignment, Operation::kRemap),
                      DBGALLOC_CALLER_FRAME());
}

void PoolAllocator::Release(void* block) {
  if (__builtin_expect(checks_ != nullptr, 0)) {
    base::ScopedOpenState open;
    checks_->Free(block, debug::FreeClaim(), DBGALLOC_CALLER_FRAME());
    return;
  }
  ThreadCache* cache = heap_ == nullptr ? nullptr : CacheOfThread(*heap_);
  if (cache == nullptr) return;
  heap_->Free(*cache, block, PoolClaim(), DBGALLOC_CALLER_FRAME());
}

size_t PoolAllocator::UsableSize(const void* block) {
  if (heap_ == nullptr) return 0;
  if (checks_ != nullptr) {
    base::ScopedOpenState open;
    return checks_->UsableSize(block, DBGALLOC_CALLER_FRAME());
  }
  return heap_->UsableSize(block, DBGALLOC_CALLER_FRAME());
}

size_t PoolAllocator::DetectLeaks() {
  if (heap_ == nullptr) return 0;
  if (checks_ != nullptr) {
    base::ScopedOpenState open;
    return checks_->ReportLiveBlocks(Operation::kHeapCheck,
                                     DBGALLOC_CALLER_FRAME());
  }
  TierGroups found;
  heap_->ForEachBlock(&AddToGroup, &found);
  LeakReport report;
  LeakGroup groups[kPoolTiers];
  report.groups = groups;
  report.operation = Operation::kHeapCheck;
  for (const LeakGroup& group : found.groups) {
    if (group.blocks == 0) continue;
    groups[report.group_count++] = group;
    report.blocks += group.blocks;
    report.bytes += group.bytes;
  }
  if (report.blocks != 0) sink_->OnLeaks(report);
  return report.blocks;
}

void PoolAllocator::ForEachBlock(void (*visit)(void* context,
                                               const PoolBlock& block),
                                 void* context) {
  Visit to{visit, context};
  if (checks_ != nullptr) {
    base::ScopedOpenState open;
    return checks_->ForEachLiveBlock(&PassOnChecked, &to);
  }
  if (heap_ != nullptr) heap_->ForEachBlock(&PassOn, &to);
}

size_t PoolAllocator::CheckBlocks() {
  if (checks_ == nullptr) return 0;
  base::ScopedOpenState open;
  return checks_->CheckHeap(Operation::kHeapCheck, DBGALLOC_CALLER_FRAME());
}

size_t PoolAllocator::ReleaseFreeMemory() {
  ThreadCache* cache = heap_ == nullptr ? nullptr : CacheOfThread(*heap_);
  if (cache == nullptr) return 0;
  if (checks_ != nullptr) {
    base::ScopedOpenState open;
    checks_->FlushRetainedMetadata();
  }
  return heap_->ReleaseFreeMemory(*cache, DBGALLOC_CALLER_FRAME());
}

bool PoolAllocator::Owns(const void* address) const {
  return heap_ != nullptr && heap_->Owns(address);
}

BlockDescription PoolAllocator::Describe(const void* address) const {
  if (heap_ == nullptr) return {};
  if (checks_ != nullptr) {
    base::ScopedOpenState open;
    return checks_->Describe(reinterpret_cast<uintptr_t>(address));
  }
  return heap_->Describe(reinterpret_cast<uintptr_t>(address));
}

void PoolAllocator::SetErrorSink(ErrorSink& sink) {
  sink_ = &sink;
  if (heap_ != nullptr) heap_->SetErrorSink(&sink);
  if (checks_ != nullptr) checks_->SetErrorSink(&sink);
}

PoolAllocatorStatistics PoolAllocator::statistics() const {
  PoolAllocatorStatistics result;
  if (heap_ == nullptr) return result;
  pool::PoolStatistics from = heap_->GetStatistics();
  for (size_t i = 0; i < kPoolTiers; ++i) {
    result.tiers[i] = {from.tiers[i].allocations, from.tiers[i].frees,
                       from.tiers[i].live_blocks, from.tiers[i].live_bytes};
  }
  result.errors = from.errors;
  result.cached_blocks = from.cached_blocks;
  result.cached_bytes = from.cached_bytes;
  result.spans = from.spans;
  result.reserved_bytes = from.reserved_bytes;
  if (checks_ != nullptr) DescribeChecked(*checks_, result);
  return result;
}

}  // namespace dbgalloc
