// The small general allocator that serves malloc while the heap cannot: before
// the options are read, when the heap itself calls something that allocates,
// and while a report is written.
//
//   static region (in .bss), then regions from the kernel:
//   | cell | cell | cell | ...  next ->                            end |
//
//   cell, a power of two of bytes:
//   | slack for alignment | CellHeader | payload                      |
//
// It never waits: a signal handler may call it while the same thread is in the
// middle of it. Where the lists of free cells are busy, a fresh cell is cut or
// a freed one is left behind. Nothing here is checked or described; what the
// program asks for goes to the heap.
#ifndef DBGALLOC_ALLOC_INTERPOSE_BOOTSTRAP_ARENA_H_
#define DBGALLOC_ALLOC_INTERPOSE_BOOTSTRAP_ARENA_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "alloc/base/spin_lock.h"

namespace dbgalloc::interpose {

// Thread-safe, async-signal-safe, constant-initialized. Blocks live until they
// are freed; the arena itself is never given back.
class BootstrapArena {
 public:
  constexpr BootstrapArena() = default;
  BootstrapArena(const BootstrapArena&) = delete;
  BootstrapArena& operator=(const BootstrapArena&) = delete;

  // `alignment` is a power of two or 0; 16 is always granted. Not zeroed.
  // Null: the kernel refused, or the size is beyond PTRDIFF_MAX.
  void* Allocate(size_t size, size_t alignment);

  // `block` lies in this arena. A block that is free already stays so.
  void Free(void* block);

  // The size that was asked for.
  size_t UsableSize(const void* block) const;

  bool Owns(const void* address) const;

  // Around fork: no other thread is in the middle of the lists. When the lock
  // cannot be had (a signal handler forks), the child starts with empty lists.
  void PrepareFork();
  void FinishForkInParent();
  void FinishForkInChild();

 private:
  struct CellHeader;

  // Bytes [begin, end), handed out in order. `end` is stored last: before that
  // the region owns no address.
  struct Region {
    std::atomic<uintptr_t> begin{0};
    std::atomic<uintptr_t> next{0};
    std::atomic<uintptr_t> end{0};
  };

  static constexpr size_t kMaxRegions = 64;
  // Cells of 2^class bytes.
  static constexpr unsigned kClasses = sizeof(size_t) == 8 ? 48 : 31;
  static constexpr size_t kStaticSize = 128 << 10;

  static CellHeader* HeaderOf(const void* block);

  // Takes the lists' lock unless that would mean waiting for long.
  bool TryLockLists();
  uintptr_t PopFreeCell(unsigned cell_class);
  uintptr_t CutCell(unsigned cell_class);
  uintptr_t CutFrom(Region& region, size_t size);
  uintptr_t CutFromNewRegion(size_t size);

  std::atomic<uint32_t> region_count_{0};  // claimed ones
  Region regions_[kMaxRegions];
  base::SpinLock lists_lock_;  // guards free_cells_
  uintptr_t free_cells_[kClasses] = {};
  bool locked_for_fork_ = false;
  alignas(16) char static_region_[kStaticSize] = {};
};

inline bool BootstrapArena::Owns(const void* address) const {
  uintptr_t wanted = reinterpret_cast<uintptr_t>(address);
  if (wanted - reinterpret_cast<uintptr_t>(static_region_) < kStaticSize) {
    return true;
  }
  uint32_t count = region_count_.load(std::memory_order_acquire);
  for (uint32_t i = 0; i < count && i < kMaxRegions; ++i) {
    uintptr_t end = regions_[i].end.load(std::memory_order_acquire);
    if (wanted < end &&
        wanted >= regions_[i].begin.load(std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

}  // namespace dbgalloc::interpose

#endif  // DBGALLOC_ALLOC_INTERPOSE_BOOTSTRAP_ARENA_H_
