#include "alloc/interpose/pool_calls.h"

#include "alloc/debug/system_host.h"
#include "alloc/interpose/deferred_free.h"
#include "alloc/interpose/pool_cache.h"
#include "alloc/interpose/runtime.h"
#include "alloc/interpose/thread_exit.h"
#include "alloc/os/errno_keeper.h"
#include "alloc/pool/keeper.h"
#include "alloc/report/reporter.h"

namespace dbgalloc::interpose {
namespace {

using debug::AllocationRequest;
using debug::CallerFrame;
using debug::FreeClaim;
using pool::Maker;
using pool::PoolHeap;
using pool::ThreadCache;

// The cache of this thread, whichever way it goes.
[[gnu::tls_model(
    "initial-exec")]] constinit thread_local ThreadCache* own_cache = nullptr;
// The thread has left; what still comes goes through a cache for one operation.
[[gnu::tls_model("initial-exec")]] constinit thread_local bool has_left = false;

// Tells threads apart while they live.
uintptr_t ThisThread() { return reinterpret_cast<uintptr_t>(&own_cache); }

// Whether threads may open the fast way.
constinit std::atomic<bool> pool_is_fast{false};

void SetFast(ThreadCache* cache) {
  __atomic_store_n(base::malloc_gate.fast_way_slot(), static_cast<void*>(cache),
                   __ATOMIC_RELAXED);
}

// Whoever closes the fast way meanwhile has stored false before it looks for
// this thread's pointer.
void UseFastWay() {
  if (!pool_is_fast.load()) return;
  SetFast(own_cache);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (!pool_is_fast.load()) SetFast(nullptr);
}

// Keeps this thread's malloc out of the pool while a report about it is made.
class ProcessPoolSink final : public ErrorSink {
 public:
  void OnError(const ErrorRecord& record) override {
    SetFast(nullptr);
    report::DefaultErrorSink().OnError(record);
    UseFastWay();
  }
  void OnLeaks(const LeakReport& report) override {
    report::DefaultErrorSink().OnLeaks(report);
  }
};

constinit ProcessPoolSink process_pool_sink;

PoolHeap& ProcessPool() {
  return *runtime.pool.load(std::memory_order_acquire);
}

Maker MakerOf(Origin origin, uint64_t alignment) {
  bool is_aligned = alignment > 1;
  switch (origin) {
    case Origin::kMalloc:
      return Maker::kMalloc;
    case Origin::kMemalign:
      return Maker::kMemalign;
    case Origin::kNew:
      return is_aligned ? Maker::kAlignedNew : Maker::kNew;
    case Origin::kNewArray:
      return is_aligned ? Maker::kAlignedNewArray : Maker::kNewArray;
    case Origin::kAllocator:
      break;
  }
  return Maker::kAllocator;
}

pool::PoolRequest RequestOf(const AllocationRequest& from) {
  pool::PoolRequest request;
  request.size = from.size;
  request.alignment = from.alignment;
  request.maker = MakerOf(from.origin, from.alignment);
  request.zeroed = from.zeroed;
  return request;
}

pool::PoolClaim ClaimOf(const FreeClaim& from) {
  pool::PoolClaim claim;
  claim.maker = MakerOf(from.origin, from.alignment);
  claim.size_stated = from.size_stated;
  claim.size = from.size;
  claim.alignment = from.alignment;
  claim.operation = from.operation;
  return claim;
}

// Inside the pool, with a cache. A thread that has no cache gets one, which its
// end gives back; one that has ended gets one for the scope alone.
class PoolUse {
 public:
  explicit PoolUse(PoolHeap& pool) : pool_(pool) {
    if (own_cache == nullptr) Attach();
    bool may_be_fast = own_cache != nullptr && !has_left;
    if (may_be_fast && FastPoolCache() == nullptr) UseFastWay();
  }
  ~PoolUse() {
    if (__builtin_expect(has_left && own_cache != nullptr, 0)) LeavePool();
  }
  PoolUse(const PoolUse&) = delete;
  PoolUse& operator=(const PoolUse&) = delete;

  // Null: no memory for one.
  ThreadCache* cache() const { return own_cache; }

 private:
  void Attach() {
    own_cache = pool_.TakeCache(ThisThread());
    if (own_cache == nullptr || has_left) return;
    own_cache->fast_slot.store(base::malloc_gate.fast_way_slot(),
                               std::memory_order_release);
    WatchThisThread();
  }

  base::ScopedInsideHeap inside_;
  os::ErrnoKeeper errno_keeper_;
  PoolHeap& pool_;
};

void FreeNow(void* block, const FreeClaim& claim, const CallerFrame& caller) {
  PoolUse use(ProcessPool());
  if (use.cache() == nullptr) return;
  ProcessPool().Free(*use.cache(), block, ClaimOf(claim), caller);
}

bool HasDeferredFrees() { return !runtime.deferred_frees.IsEmpty(); }

}  // namespace

PoolHeap* CreateProcessPool(const Options& options) {
  debug::HeapHost system = debug::SystemHost(options);
  pool::PoolHost host;
  host.current_thread = system.current_thread;
  host.record_stack = system.record_stack;
  host.sink = &process_pool_sink;
  PoolHeap* pool = PoolHeap::Create(options, host);
  if (pool != nullptr) pool::StartKeeping(*pool);
  return pool;
}

void CloseFastPool() {
  pool_is_fast.store(false);
  PoolHeap* pool = runtime.pool.load(std::memory_order_acquire);
  if (pool == nullptr) return;
  base::ScopedInsideHeap inside;
  pool->ForEachCache([](ThreadCache& cache) {
    void** slot = cache.fast_slot.load(std::memory_order_acquire);
    if (slot != nullptr) {
      __atomic_store_n(slot, static_cast<void*>(nullptr), __ATOMIC_SEQ_CST);
    }
  });
}

void OpenFastPool() {
  PoolHeap* pool = runtime.pool.load(std::memory_order_acquire);
  if (pool != nullptr) pool_is_fast.store(pool->is_fast());
}

void* AllocateInPool(const AllocationRequest& request,
                     const CallerFrame& caller) {
  PoolUse use(ProcessPool());
  if (use.cache() == nullptr) return nullptr;
  if (__builtin_expect(HasDeferredFrees(), 0)) FreeDeferred(&FreeNow, caller);
  return ProcessPool().Allocate(*use.cache(), RequestOf(request), caller);
}

void FreeInPool(void* block, const FreeClaim& claim,
                const CallerFrame& caller) {
  if (base::malloc_gate.Has(base::MallocGate::Count::kInside) ||
      base::malloc_gate.Has(base::MallocGate::Count::kForbidden)) {
    DeferFree(block, claim);
    return;
  }
  if (__builtin_expect(HasDeferredFrees(), 0)) FreeDeferred(&FreeNow, caller);
  FreeNow(block, claim, caller);
}

void* ReallocateInPool(void* block, size_t size, const CallerFrame& caller) {
  PoolUse use(ProcessPool());
  if (use.cache() == nullptr) return nullptr;
  pool::PoolRequest request;
  request.size = size;
  request.maker = Maker::kMalloc;
  pool::PoolClaim claim;
  claim.maker = Maker::kMalloc;
  claim.operation = Operation::kRemap;
  return ProcessPool().Reallocate(*use.cache(), block, request, claim, caller);
}

size_t UsableSizeInPool(const void* block, const CallerFrame& caller) {
  base::ScopedInsideHeap inside;
  return ProcessPool().UsableSize(block, caller);
}

size_t ReleasePoolMemory(const CallerFrame& caller) {
  PoolUse use(ProcessPool());
  if (use.cache() == nullptr) return 0;
  return ProcessPool().ReleaseFreeMemory(*use.cache(), caller);
}

void LeavePool() {
  has_left = true;
  SetFast(nullptr);
  ThreadCache* cache = own_cache;
  own_cache = nullptr;
  if (cache == nullptr) return;
  cache->fast_slot.store(nullptr, std::memory_order_relaxed);
  ProcessPool().LeaveCache(*cache);
}

void PreparePoolFork() {
  PoolHeap* pool = runtime.pool.load(std::memory_order_acquire);
  if (pool != nullptr) pool->PrepareFork();
}

void FinishPoolForkInParent() {
  PoolHeap* pool = runtime.pool.load(std::memory_order_acquire);
  if (pool != nullptr) pool->FinishForkInParent();
}

void FinishPoolForkInChild() {
  PoolHeap* pool = runtime.pool.load(std::memory_order_acquire);
  if (pool != nullptr) pool->FinishForkInChild(ThisThread());
}

}  // namespace dbgalloc::interpose
