// Small blocks beyond a thread's cache: the shared lists of the size classes,
// and the spans that fresh blocks are carved from.
//
//   cache --full chain--> shared list --when it is long--> spans --> units
//   cache <--any batch--- shared list   <--- fresh or returned blocks ---
//
// A batch changes hands by one compare-and-swap; spans are touched under a lock
// of their class. Every chain is walked once when it leaves a cache and once
// when it enters one: that is when a link that the program overwrote, and a
// block that two threads freed at the same moment, come to light.
#ifndef DBGALLOC_ALLOC_POOL_SMALL_TIER_H_
#define DBGALLOC_ALLOC_POOL_SMALL_TIER_H_

#include <cstddef>
#include <cstdint>

#include "alloc/base/spin_lock.h"
#include "alloc/pool/batch_stack.h"
#include "alloc/pool/span_store.h"
#include "alloc/pool/thread_cache.h"

namespace dbgalloc::pool {

// What a walk over free blocks found.
enum class Flaw : uint8_t {
  kNone,
  kBrokenLink,  // the program wrote to a free block
  kNotFree,     // a block in the chain is live, or in another chain
};

struct Finding {
  Flaw flaw = Flaw::kNone;
  uintptr_t block = 0;
  explicit operator bool() const { return flaw != Flaw::kNone; }
};

struct SmallTierConfig {
  size_t cache_blocks = 0;
  size_t cache_bytes = 0;
  StackForm form = StackForm::kLock;
};

// Any number of threads, each with a cache of its own.
class SmallTier {
 public:
  constexpr SmallTier() = default;

  void Init(const SmallTierConfig& config, UnitMap* units,
            const OsMemory* memory);

  // An empty cache for a new thread.
  void InitCache(ThreadCache& cache, unsigned number) const;

  // The bin is empty. Afterwards it is not, unless there is no memory. A flaw
  // is found in blocks that are then left out.
  Finding Refill(ThreadCache& cache, SizeClass size_class);

  // The bin's chain has reached its limit.
  Finding Spill(ThreadCache& cache, SizeClass size_class);

  // Gives up all blocks of the cache.
  Finding Flush(ThreadCache& cache);
  Finding FlushBin(ThreadCache& cache, SizeClass size_class);

  // Gives the shared lists' blocks back to their spans, and so, with Purge() of
  // the spans, unused memory to the system.
  Finding Trim();

  SpanStore& spans() { return spans_; }
  const SpanStore& spans() const { return spans_; }

  // Returns everything to the system.
  void Destroy() { spans_.Destroy(); }

  void PrepareFork();
  void FinishFork();

 private:
  struct alignas(64) ClassStore {
    BatchStack shared;
    base::SpinLock lock;  // guards spans of the class
    Span* with_room = nullptr;
    uint32_t max_batches = 0;
    uint32_t batch = 0;  // the limit of a cache's chain
  };

  // Blocks that a span hands out: a chain that came back, or fresh ones.
  struct Cut {
    uintptr_t chain = 0;
    uintptr_t fresh = 0;
    uint32_t count = 0;
  };

  Finding TakeBatch(ThreadCache& cache, SizeClass size_class,
                    const Batch& batch);
  Finding Carve(ThreadCache& cache, SizeClass size_class);
  Cut CutFromSpans(SizeClass size_class, uint32_t wanted, Finding& finding);
  Cut CutFromSpan(Span& span, uint32_t wanted, Finding& finding);
  Finding WalkIn(ThreadCache& cache, uintptr_t chain, uint32_t& count) const;
  Finding WalkOut(ThreadCache& cache, uintptr_t chain, uint32_t& count) const;
  Finding GiveUp(ThreadCache& cache, SizeClass size_class, uintptr_t chain,
                 uint32_t count);
  Finding GiveToSpans(SizeClass size_class, const Batch& batch);
  Finding OpenBatch(SizeClass size_class, const Batch& batch);
  bool IsBlockOf(SizeClass size_class, uintptr_t address) const;
  static void List(ClassStore& store, Span& span);
  static void Unlist(ClassStore& store, Span& span);

  LinkGuard links_;
  UnitMap* units_ = nullptr;
  SpanStore spans_;
  ClassStore classes_[kClasses + 1];
};

}  // namespace dbgalloc::pool

#endif  // DBGALLOC_ALLOC_POOL_SMALL_TIER_H_
