// The table behind MemoryTracker: live blocks by address, each with where it
// was allocated.
#ifndef DBGALLOC_ALLOC_TRACKED_BLOCKS_H_
#define DBGALLOC_ALLOC_TRACKED_BLOCKS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "dbgalloc/allocator.h"
#include "dbgalloc/call_site.h"

namespace dbgalloc {

struct TrackedBlock {
  const void* address = nullptr;
  size_t size = 0;
  uint64_t number = 0;  // of the allocation, in the order they were tracked
  CallSite site;
};

// Threads: thread-safe; addresses are spread over 16 tables with a lock each.
// Memory: the tables double and are never more than three quarters full; they
// come from `memory` and go back at destruction.
class TrackedBlocks {
 public:
  explicit TrackedBlocks(Allocator& memory) : memory_(memory) {}
  ~TrackedBlocks();
  TrackedBlocks(const TrackedBlocks&) = delete;
  TrackedBlocks& operator=(const TrackedBlocks&) = delete;

  void SetEnabled(bool enabled) {
    if (enabled) {
      work_.fetch_or(kEnabled, std::memory_order_relaxed);
    } else {
      work_.fetch_and(~kEnabled, std::memory_order_relaxed);
    }
  }
  bool is_enabled() const {
    return (work_.load(std::memory_order_relaxed) & kEnabled) != 0;
  }
  // Disabled, and no block is known: nothing to add, nothing to remove.
  bool is_idle() const { return work_.load(std::memory_order_relaxed) == 0; }

  // Adds a block that is not known yet, under the next number. Without room it
  // is counted as missed.
  void Add(const void* address, size_t size, const CallSite& site);
  // Adds a block that was removed while its allocator was changing it.
  void Restore(const TrackedBlock& block);
  // False: not known. Else it is forgotten, and copied to *block when that is
  // not null.
  bool Remove(const void* address, TrackedBlock* block);

  // Copies up to `capacity` blocks, in no order, and returns how many; blocks
  // that come and go meanwhile may be among them or not.
  size_t Copy(TrackedBlock* blocks, size_t capacity) const;

  size_t count() const {
    return work_.load(std::memory_order_relaxed) / kOneBlock;
  }
  size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
  size_t missed() const { return missed_.load(std::memory_order_relaxed); }

  Allocator& memory() const { return memory_; }

 private:
  struct Table;
  static constexpr size_t kTables = 16;
  static constexpr size_t kEnabled = 1;
  static constexpr size_t kOneBlock = 2;

  Table* Tables();
  void Insert(const TrackedBlock& block);

  Allocator& memory_;
  // Bit 0: enabled. Above it: how many blocks are known.
  std::atomic<size_t> work_{0};
  std::atomic<size_t> bytes_{0};
  std::atomic<size_t> missed_{0};
  std::atomic<uint64_t> next_number_{0};
  std::atomic<Table*> tables_{nullptr};
};

}  // namespace dbgalloc

#endif  // DBGALLOC_ALLOC_TRACKED_BLOCKS_H_
