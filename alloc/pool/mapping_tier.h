// Large and huge blocks, and those with large alignments: a mapping each.
//
//   live:   a hash table of records, by address
//   recent: a few mappings that were given back and keep their memory, newest
//           first, bounded in number, bytes and age
//
// Every mapping begins at a multiple of 64 KiB, so that the unit map tells it.
#ifndef DBGALLOC_ALLOC_POOL_MAPPING_TIER_H_
#define DBGALLOC_ALLOC_POOL_MAPPING_TIER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "alloc/base/spin_lock.h"
#include "alloc/pool/block_state.h"
#include "alloc/pool/os_memory.h"
#include "alloc/pool/unit_map.h"

namespace dbgalloc::pool {

// A mapping that the program has. Plain data; a copy is what callers see.
struct Mapping {
  uintptr_t begin = 0;  // 0: none
  size_t mapped = 0;    // bytes, whole pages
  size_t size = 0;      // as asked for
  size_t alignment = 0;
  uint8_t state = 0;   // LiveState
  bool fresh = false;  // it is all zero
};

// Any number of threads. System calls are made without the lock.
class MappingTier {
 public:
  // What recent mappings may hold.
  static constexpr size_t kRecentBytes = size_t{1} << 30;
  static constexpr size_t kMaxRecent = 8;

  constexpr MappingTier() = default;

  void Init(UnitMap* units, const OsMemory* memory) {
    units_ = units;
    memory_ = memory;
  }

  // `wanted` names size, alignment and state. Begin 0: no memory.
  Mapping Take(const Mapping& wanted);

  // Takes the block at `begin` out of the live ones, if its state passes
  // `may_take`; begin 0: there is none such. Of two threads one gets it.
  Mapping Remove(uintptr_t begin);
  // Gives back what Remove() returned.
  void GiveBack(const Mapping& mapping);
  // Undoes Remove().
  void PutBack(const Mapping& mapping);

  // Makes a mapping that Remove() returned another size, without copying, and
  // puts it back. Begin 0: no memory; then the old one is put back.
  Mapping Resize(const Mapping& mapping, size_t new_size, bool may_move);

  // The live mapping around an address; begin 0: none. Slow.
  Mapping Find(uintptr_t address);
  // The one around an address among those that were given back.
  Mapping FindRecent(uintptr_t address);
  // The live mapping at an address.
  Mapping FindAt(uintptr_t begin);

  // Returns recent mappings to the system: all, or those that the last call has
  // seen already. Returns their bytes.
  size_t Purge(bool all);
  bool has_garbage() const {
    return recent_count_.load(std::memory_order_relaxed) != 0;
  }

  void ForEach(void (*visit)(void* context, const Mapping& mapping),
               void* context);

  // Unmaps everything.
  void Destroy();

  base::SpinLock& lock() { return lock_; }

 private:
  struct Record {
    Mapping mapping;
    Record* next;
  };
  struct Recent {
    Mapping mapping;
    bool seen = false;
  };

  static constexpr size_t kBuckets = 1024;
  static size_t BucketOf(uintptr_t begin) {
    return (begin >> kUnitLog2) % kBuckets;
  }

  Record* NewRecord();
  bool Insert(const Mapping& mapping);
  Mapping TakeRecent(const Mapping& wanted);
  Mapping MapNew(const Mapping& wanted);
  void Unmap(const Mapping& mapping);
  Mapping Move(const Mapping& mapping, size_t new_mapped);
  bool ResizeInPlace(Mapping& mapping, size_t new_mapped);

  UnitMap* units_ = nullptr;
  const OsMemory* memory_ = nullptr;
  base::SpinLock lock_;  // guards all below
  Record* live_[kBuckets] = {};
  Record* free_records_ = nullptr;
  void* record_pages_ = nullptr;  // linked by their first word
  Recent recent_[kMaxRecent];
  std::atomic<size_t> recent_count_{0};
  size_t recent_bytes_ = 0;
};

}  // namespace dbgalloc::pool

#endif  // DBGALLOC_ALLOC_POOL_MAPPING_TIER_H_
