// Small blocks beyond a thread's cache: the shared lists of the size classes,
// and the spans that fresh blocks are carved from.
//
//   cache --full magazine--> shared list --when it is long--> spans --> units
//   cache <--full magazine-- shared list    <-- fresh or returned blocks --
//
// A magazine changes hands by one compare-and-swap; spans are touched under a
// lock of their class. The blocks' states are verified and changed once as a
// magazine leaves a cache and once as it enters one: that is when a block that
// two threads freed at the same moment comes to light. The blocks themselves
// are not touched: what a span gets back it knows by the states, and hands out
// again in the order of addresses.
#ifndef DBGALLOC_ALLOC_POOL_SMALL_TIER_H_
#define DBGALLOC_ALLOC_POOL_SMALL_TIER_H_

#include <cstddef>
#include <cstdint>

#include "alloc/base/spin_lock.h"
#include "alloc/pool/batch_stack.h"
#include "alloc/pool/magazines.h"
#include "alloc/pool/span_store.h"
#include "alloc/pool/thread_cache.h"

namespace dbgalloc::pool {

// What is wrong with a block that is said to be free.
enum class Flaw : uint8_t {
  kNone,
  kOverwritten,  // the program wrote to it
  kNotFree,      // it is live, or in another list, too
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
  // Told of each block that was never handed out before; null: not wanted.
  void (*on_fresh)(void* context, uintptr_t block) = nullptr;
  void* on_fresh_context = nullptr;
};

// Any number of threads, each with a cache of its own.
class SmallTier {
 public:
  constexpr SmallTier() = default;

  void Init(const SmallTierConfig& config, UnitMap* units,
            const OsMemory* memory);

  // An empty cache for a new thread.
  void InitCache(ThreadCache& cache, unsigned number) const;

  // The bin's magazine is empty. Afterwards it is not, unless there is no
  // memory. A flawed block is left out.
  Finding Refill(ThreadCache& cache, SizeClass size_class);

  // The bin's magazine is full, or there is none. Afterwards it has room,
  // unless there is no memory.
  Finding Spill(ThreadCache& cache, SizeClass size_class);

  // The block on top of the bin's magazine, which Pop() refused, is left out.
  Finding DropTop(ThreadCache& cache, SizeClass size_class);

  // Gives all blocks of the cache to their spans.
  Finding Flush(ThreadCache& cache);

  // Gives the shared lists' blocks back to their spans, and so, with Purge() of
  // the spans, unused memory to the system.
  void Trim();

  const BlockGuard& guard() const { return guard_; }
  SpanStore& spans() { return spans_; }
  const SpanStore& spans() const { return spans_; }

  // Returns everything to the system.
  void Destroy();

  void PrepareFork();
  void FinishFork();

 private:
  struct alignas(64) ClassStore {
    BatchStack full;      // magazines with blocks
    BatchStack empty;     // and without
    base::SpinLock lock;  // guards spans of the class
    Span* with_room = nullptr;
    uint32_t max_batches = 0;
    uint32_t batch = 0;  // slots in a magazine
  };

  uintptr_t* TakeEmpty(ClassStore& store);
  static void LeaveEmpty(ClassStore& store, uintptr_t* slots);
  bool HasMagazine(ThreadCache& cache, SizeClass size_class);
  Finding TakeFull(ThreadCache& cache, SizeClass size_class,
                   const Batch& batch);
  void Carve(ThreadCache& cache, SizeClass size_class);
  uint32_t CutFromSpans(ThreadCache& cache, SizeClass size_class,
                        uint32_t fresh_wanted, bool* are_fresh);
  static uint32_t CutReturned(Span& span, uintptr_t* slots, uint32_t wanted,
                              BlockState mark);
  static uint32_t CutFresh(Span& span, uintptr_t* slots, uint32_t wanted);
  static Finding ChangeStates(SizeClass size_class, uintptr_t* slots,
                              uint32_t& count, BlockState from, BlockState to);
  Finding GiveUp(ThreadCache& cache, SizeClass size_class, uintptr_t* slots,
                 uint32_t count);
  void GiveToSpans(SizeClass size_class, const uintptr_t* slots,
                   uint32_t count);
  static void List(ClassStore& store, Span& span);
  static void Unlist(ClassStore& store, Span& span);

  BlockGuard guard_;
  UnitMap* units_ = nullptr;
  void (*on_fresh_)(void* context, uintptr_t block) = nullptr;
  void* on_fresh_context_ = nullptr;
  MagazineArena magazines_;
  SpanStore spans_;
  ClassStore classes_[kClasses + 1];
};

}  // namespace dbgalloc::pool

#endif  // DBGALLOC_ALLOC_POOL_SMALL_TIER_H_
