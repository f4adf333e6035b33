// The pool itself: a general allocator in four tiers, chosen by size.
//
//   small   to 1 MiB     caches of threads, shared lists, spans (small_tier.h)
//   medium  to 512 MiB   buddies (medium_tier.h)
//   large   to 1 GiB     a mapping each (mapping_tier.h)
//   huge    above        the same
//
// Alignments above 64 KiB are mappings, whatever the size. Both faces stand on
// this: the class PoolAllocator and, with allocator=pool, malloc.
#ifndef DBGALLOC_ALLOC_POOL_POOL_HEAP_H_
#define DBGALLOC_ALLOC_POOL_POOL_HEAP_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "alloc/base/spin_lock.h"
#include "alloc/pool/block_notes.h"
#include "alloc/pool/mapping_tier.h"
#include "alloc/pool/medium_tier.h"
#include "alloc/pool/small_tier.h"
#include "alloc/pool/thread_cache.h"
#include "alloc/stack/caller_frame.h"
#include "dbgalloc/error_record.h"
#include "dbgalloc/error_sink.h"
#include "dbgalloc/options.h"

namespace dbgalloc::pool {

using stack::CallerFrame;

// What the pool needs of its surroundings; any pointer may be null.
struct PoolHost {
  uint32_t (*current_thread)() = nullptr;
  uint32_t (*record_stack)(const CallerFrame& caller,
                           uint32_t max_frames) = nullptr;
  ErrorSink* sink = nullptr;
};

struct PoolRequest {
  size_t size = 0;
  size_t alignment = 0;  // a power of two, or 0; 16 is always granted
  Maker maker = Maker::kAllocator;
  bool zeroed = false;
};

// What the caller of a free says of the block.
struct PoolClaim {
  Maker maker = Maker::kAllocator;
  bool size_stated = false;
  size_t size = 0;
  size_t alignment = 0;  // 0: not stated
  Operation operation = Operation::kFree;
};

inline constexpr size_t kMaxLargeSize = size_t{1} << 30;

struct TierStatistics {
  uint64_t allocations = 0;
  uint64_t frees = 0;
  uint64_t live_blocks = 0;
  uint64_t live_bytes = 0;  // of blocks as they were rounded up
};

struct PoolStatistics {
  TierStatistics tiers[kTiers];
  uint64_t errors = 0;
  uint64_t cached_blocks = 0;  // in caches of threads
  uint64_t cached_bytes = 0;
  uint64_t spans = 0;           // that hold small blocks, free ones included
  uint64_t reserved_bytes = 0;  // address space taken from the system
};

struct PoolClassStatistics {
  size_t capacity = 0;  // bytes of a block; 0: any size
  uint64_t spans = 0;
  uint64_t live_blocks = 0;
  uint64_t live_bytes = 0;  // of blocks as they were rounded up
  uint64_t free_blocks = 0;
  uint64_t free_bytes = 0;
};

// One live block, as a walk over the heap shows it.
struct LiveBlock {
  uintptr_t begin = 0;
  size_t size = 0;  // as far as it is known, else rounded up
  Maker maker = Maker::kAllocator;
  Tier tier = Tier::kSmall;
  uint32_t allocation_stack = 0;
};

// Thread-safe: each call names the cache of the calling thread. Keeps errno;
// never throws.
class PoolHeap {
 public:
  // A pool in memory of its own; null when the system refused it.
  static PoolHeap* Create(const Options& options, const PoolHost& host);
  // Returns all memory, live blocks and caches included.
  static void Destroy(PoolHeap* pool);

  // A cache for a thread; `owner` is for the caller to tell threads apart. One
  // that another thread left behind is handed on as it is. Null: no memory.
  ThreadCache* TakeCache(uintptr_t owner);
  // The cache that TakeCache(owner) returned; null: none.
  ThreadCache* FindCache(uintptr_t owner);
  // The thread ends; its blocks go to the next one that comes.
  void LeaveCache(ThreadCache& cache);

  // Whether caches may be used directly. False: every operation has to come
  // through the functions below.
  bool is_fast() const { return notes_ == nullptr; }
  void ForEachCache(void (*visit)(ThreadCache& cache));

  // Null: refused.
  void* Allocate(ThreadCache& cache, const PoolRequest& request,
                 const CallerFrame& caller);
  // As Allocate() and Free() for medium blocks, where nothing has to be asked
  // of the system and nothing is wrong, while is_fast(). Null and false:
  // nothing has happened.
  void* TakeLatestMedium(ThreadCache& cache, size_t size, Maker maker);
  bool GiveBackMedium(ThreadCache& cache, void* block, Maker maker);
  // Null `block`: nothing happens.
  void Free(ThreadCache& cache, void* block, const PoolClaim& claim,
            const CallerFrame& caller);
  // In place. False: refused.
  bool Resize(ThreadCache& cache, void* block, size_t new_size,
              const PoolClaim& claim, const CallerFrame& caller);
  // To another size where that takes no copying: in place, or by moving page
  // tables. Null: refused, the block is as it was.
  void* Remap(ThreadCache& cache, void* block, const PoolRequest& request,
              const PoolClaim& claim, const CallerFrame& caller);
  // As realloc of a non-null block.
  void* Reallocate(ThreadCache& cache, void* block, const PoolRequest& request,
                   const PoolClaim& claim, const CallerFrame& caller);

  // Bytes that the program may use; 0 after a report for what is no live block.
  size_t UsableSize(const void* block, const CallerFrame& caller);

  bool Owns(const void* address) const;
  BlockDescription Describe(uintptr_t address);

  PoolStatistics GetStatistics() const;
  // Calls `visit` for each live block. Exact while no other thread is at work.
  void ForEachBlock(void (*visit)(void* context, const LiveBlock& block),
                    void* context);

  // What a size class has; the last one stands for all larger blocks.
  void GetClassStatistics(PoolClassStatistics (&classes)[kClasses + 1]);

  // Verifies every free small block as an allocation would; reports each that
  // was written to. Returns how many there are. Exact while no other thread is
  // at work.
  size_t CheckFreeBlocks(const CallerFrame& caller);

  // Returns free memory to the system, the calling thread's cache and those of
  // ended threads included. Returns its bytes, as far as they are known.
  size_t ReleaseFreeMemory(ThreadCache& cache, const CallerFrame& caller);
  // Returns what was free at the last call already; true: there is more, for a
  // later one.
  bool ReleaseOldMemory();
  bool HasGarbage() const;
  // Nanoseconds; 0: memory is returned on request alone.
  uint64_t release_interval() const { return release_interval_; }
  // Merges medium blocks that were given back. Returns about how many were
  // since the last call.
  uint32_t MergeFreed() { return medium_.MergeAll(); }
  // `listener` is called after a medium or larger block was freed; `looks`
  // tells whether MergeFreed() is called every millisecond.
  void SetKeeper(void (*listener)(), const std::atomic<bool>* looks) {
    on_garbage_ = listener;
    medium_.SetKeeper(looks);
  }

  // Around fork, in a threaded process. In the child other threads' caches are
  // left alone for ever: they may be half written. `owner` is the caller.
  void PrepareFork();
  void FinishForkInParent();
  void FinishForkInChild(uintptr_t owner);

  // Not while other threads use the pool.
  void SetErrorSink(ErrorSink* sink) { host_.sink = sink; }

  const Options& options() const { return options_; }
  SmallTier& small() { return small_; }
  MediumTier& medium() { return medium_; }
  // Distinguishes pools in the life of a process.
  uint64_t serial() const { return serial_; }

  PoolHeap* next_pool = nullptr;  // for the list of local_caches.cc
  PoolHeap* next_kept = nullptr;  // for the list of keeper.cc

 private:
  explicit PoolHeap(const Options& options, const PoolHost& host);

  void ReleaseOldSpans();
  static bool IsDirect(const PoolRequest& request);
  void* AllocateInTier(ThreadCache& cache, const PoolRequest& request,
                       const CallerFrame& caller);
  static bool SmallSizeHolds(SizeClass size_class, BlockState state,
                             const PoolClaim& claim);
  void* AllocateSmall(ThreadCache& cache, const PoolRequest& request,
                      const CallerFrame& caller);
  void* AllocateMedium(ThreadCache& cache, const PoolRequest& request);
  void* AllocateMapping(ThreadCache& cache, const PoolRequest& request);
  void FreeSmall(ThreadCache& cache, uintptr_t block, SizeClass size_class,
                 const PoolClaim& claim, const CallerFrame& caller);
  void* HandOutMedium(ThreadCache& cache, const MediumRun& run, unsigned order,
                      const PoolRequest& request);
  void FreeMedium(ThreadCache& cache, uintptr_t block, const PoolClaim& claim,
                  const CallerFrame& caller);
  void FreeMapping(ThreadCache& cache, uintptr_t block, const PoolClaim& claim,
                   const CallerFrame& caller);
  bool ResizeSmall(uintptr_t block, SizeClass size_class, size_t new_size,
                   const PoolClaim& claim, const CallerFrame& caller);
  bool ResizeMedium(ThreadCache& cache, uintptr_t block, size_t new_size,
                    const PoolClaim& claim, const CallerFrame& caller);
  uintptr_t RemapMedium(ThreadCache& cache, uintptr_t block,
                        const PoolRequest& request);
  uintptr_t ResizeMapping(ThreadCache& cache, uintptr_t block, size_t new_size,
                          const PoolClaim& claim, const CallerFrame& caller,
                          bool may_move);

  // pool_notes.cc
  static bool WantsNotes(const Options& options);
  Doing NoteOf(const CallerFrame& caller);
  void NoteAllocation(void* pointer, const PoolRequest& request,
                      const CallerFrame& caller);
  void NoteFree(uintptr_t block, const CallerFrame& caller);
  void NoteSize(uintptr_t block, size_t size);
  bool NotedSizeHolds(uintptr_t block, const PoolClaim& claim);
  void AddNotes(BlockDescription& block);
  void FillFree(uintptr_t block, SizeClass size_class);
  // False: written to; there is a report.
  bool CheckFill(void* pointer, SizeClass size_class, Operation operation,
                 const CallerFrame& caller);
  static void ForgetFill(void* context, uintptr_t block);

  // pool_errors.cc
  bool ClaimHolds(uintptr_t block, const BlockDescription& known,
                  BlockState state, bool size_is_right, const PoolClaim& claim,
                  const CallerFrame& caller);
  void ReportBadPointer(uintptr_t address, const PoolClaim& claim,
                        const CallerFrame& caller);
  void ReportFinding(const Finding& finding, Operation operation,
                     const CallerFrame& caller);
  void Report(ErrorRecord& record, const CallerFrame& caller);
  struct FreeBlockCheck;
  static void CheckSpan(void* context, Span& span);
  bool FreeBlockHolds(uintptr_t block, SizeClass size_class,
                      const CallerFrame& caller);
  BlockDescription DescribeSmall(uintptr_t address, SizeClass size_class);
  BlockDescription DescribeMedium(uintptr_t address);
  BlockDescription DescribeMapping(uintptr_t address);

  void AddCacheStatistics(const ThreadCache& cache,
                          PoolStatistics& statistics) const;

  const Options options_;
  PoolHost host_;
  const bool reports_;
  const bool fills_;
  BlockNotes* const notes_;  // null: none are kept
  const uint64_t serial_;
  const uint64_t release_interval_;
  void (*on_garbage_)() = nullptr;
  OsMemory memory_;
  UnitMap units_;
  SmallTier small_;
  MediumTier medium_;
  MappingTier mappings_;
  std::atomic<uint64_t> errors_{0};
  mutable base::SpinLock caches_lock_;
  ThreadCache* caches_ = nullptr;
  ThreadCache* idle_caches_ = nullptr;
  unsigned cache_count_ = 0;
  unsigned idle_count_ = 0;
};

Tier TierOfMapping(size_t mapped);

// What a small block's state tells of the size that was asked for.
size_t SmallSizeOf(SizeClass size_class, BlockState state);

// What a Maker is called in reports.
Origin OriginOf(Maker maker);

// Whether free, delete or Deallocate of `claimed` may take what `actual` made.
constexpr bool MayFree(Maker claimed, Maker actual) {
  constexpr uint8_t kFamily = 0b011;
  if ((static_cast<uint8_t>(claimed) & kFamily) == 0b01) {
    return (static_cast<uint8_t>(actual) & kFamily) == 0b01;
  }
  return claimed == actual;
}

}  // namespace dbgalloc::pool

#endif  // DBGALLOC_ALLOC_POOL_POOL_HEAP_H_
