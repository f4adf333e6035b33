// A fast general allocator in four tiers that stops at frees that are wrong.
//
//   dbgalloc::PoolAllocator pool;
//   void* block = pool.Allocate(24, 8);
//   pool.Deallocate(block, 24, 8);
//
// Many pools may stand side by side; destroying one returns all of its memory,
// whatever is still live. Options are those of DBGALLOC_OPTIONS, overlaid by
// what is set in code (docs/pool.md).
#ifndef DBGALLOC_ALLOC_POOL_ALLOCATOR_H_
#define DBGALLOC_ALLOC_POOL_ALLOCATOR_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

#include "dbgalloc/allocator.h"
#include "dbgalloc/error_record.h"
#include "dbgalloc/error_sink.h"
#include "dbgalloc/options.h"

namespace dbgalloc {

namespace pool {
class PoolHeap;
}  // namespace pool
namespace debug {
class DebugHeap;
}  // namespace debug

// small: to 1 MiB; medium: to 512 MiB; large: to 1 GiB; huge: above.
enum class PoolTier : uint8_t { kSmall, kMedium, kLarge, kHuge };
inline constexpr size_t kPoolTiers = 4;

const char* PoolTierName(PoolTier tier);

struct PoolTierStatistics {
  uint64_t allocations = 0;
  uint64_t deallocations = 0;
  uint64_t live_blocks = 0;
  uint64_t live_bytes = 0;  // of blocks as they were rounded up
};

struct PoolAllocatorStatistics {
  PoolTierStatistics tiers[kPoolTiers];
  uint64_t errors = 0;
  uint64_t cached_blocks = 0;  // free ones that threads keep to themselves
  uint64_t cached_bytes = 0;
  uint64_t spans = 0;           // that hold small blocks, free ones included
  uint64_t reserved_bytes = 0;  // address space taken from the system

  const PoolTierStatistics& of(PoolTier tier) const {
    return tiers[static_cast<size_t>(tier)];
  }
};

struct PoolBlock {
  void* begin = nullptr;
  size_t size = 0;  // as asked for, as far as the pool knows
  PoolTier tier = PoolTier::kSmall;
};

// Threads: any number; each keeps free blocks of its own, and small blocks take
// no lock and no atomic read-modify-write. A block may be freed by any thread.
// Cost: two to four bytes a small block, out of line.
// Errors: double, foreign, interior and misaligned frees, wrong sizes and
// alignments, and free blocks that were written to go to the error sink, which
// by default writes a report and ends the process. When the sink returns, the
// operation at fault has no effect, or frees the block as it is.
// Exhaustion: null or false, with nothing changed.
// With debug_pools=1 and safety=1 every block has all that DebugAllocator
// gives it (redzones, fills, quarantine, three stacks), so that a program's own
// arena or pool, which takes its blocks here, hides no bug.
class PoolAllocator final : public Allocator {
 public:
  PoolAllocator();
  explicit PoolAllocator(const Options& options);
  // No other thread may use the pool by now.
  ~PoolAllocator();
  PoolAllocator(const PoolAllocator&) = delete;
  PoolAllocator& operator=(const PoolAllocator&) = delete;

  // False: the system refused the memory for the pool's own state; every
  // allocation is refused.
  bool ok() const { return heap_ != nullptr; }

  void* Allocate(size_t size, size_t alignment) override;
  bool Resize(void* block, size_t size, size_t alignment,
              size_t new_size) override;
  void* Remap(void* block, size_t size, size_t alignment,
              size_t new_size) override;
  void Deallocate(void* block, size_t size, size_t alignment) override;

  // As Allocate(), but a refusal throws std::bad_alloc; where exceptions are
  // off, the program aborts.
  void* AllocateOrThrow(size_t size,
                        size_t alignment = alignof(std::max_align_t)) {
    void* block = Allocate(size, alignment);
    if (block != nullptr) return block;
#if defined(__cpp_exceptions)
    throw std::bad_alloc();
#else
    std::abort();
#endif
  }

  // As Deallocate(), for callers that know neither size nor alignment. Null:
  // nothing happens.
  void Release(void* block);

  // Bytes that the block has room for.
  size_t UsableSize(const void* block);

  // Reports the live blocks, largest tier groups first, to the error sink.
  // Returns how many there are.
  size_t DetectLeaks();

  // Calls `visit` for each live block. Exact while no other thread uses the
  // pool.
  void ForEachBlock(void (*visit)(void* context, const PoolBlock& block),
                    void* context);

  // Returns free memory to the system: what this thread and ended ones keep,
  // shared lists, free spans, regions and mappings. Returns its bytes.
  size_t ReleaseFreeMemory();

  // Whether every block goes through the debug allocator's checks.
  bool checks_blocks() const { return checks_ != nullptr; }
  // With checks_blocks(): verifies every redzone and every fill now; reports
  // each damaged block once. Returns how many were damaged.
  size_t CheckBlocks();

  // Whether the address lies in memory of this pool.
  bool Owns(const void* address) const;
  // The block at or around the address.
  BlockDescription Describe(const void* address) const;

  // Where errors go from now on. Not while other threads use the pool.
  void SetErrorSink(ErrorSink& sink);

  // With checks_blocks() this walks all live blocks.
  PoolAllocatorStatistics statistics() const;

 private:
  // Room for the default sink, which knows this pool's options, and for what
  // gives the pool's memory to the checks.
  static constexpr size_t kSinkSize = 2 * sizeof(void*);
  static constexpr size_t kBackingSize = 2 * sizeof(void*);

  void StartChecks();

  Options options_;
  alignas(void*) unsigned char sink_storage_[kSinkSize];
  alignas(void*) unsigned char backing_storage_[kBackingSize];
  ErrorSink* sink_ = nullptr;
  pool::PoolHeap* heap_ = nullptr;
  debug::DebugHeap* checks_ = nullptr;
};

}  // namespace dbgalloc

#endif  // DBGALLOC_ALLOC_POOL_ALLOCATOR_H_
