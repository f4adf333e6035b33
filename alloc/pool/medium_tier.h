// Medium blocks, 1 MiB to 512 MiB, as a buddy system.
//
//   Allocate: bitmap -> lowest order that has a block -> pop -> split downward
//   Free:     -> queue -> whoever finds the drain free merges what waits
//
// Lists are stacks with tagged heads, so allocation takes no lock and waits for
// nobody. Merging is one thread's work at a time: a freeing thread that finds
// another at it leaves its block in the queue, which has a place for each block
// there can be, and goes on. Who drains looks again after it has stopped, so
// nothing is left lying.
//
// While a keeper looks every millisecond (keeper.h: many blocks come back), the
// latest block of each order is kept whole for the next request of that order,
// and merged when another one comes, when there is nothing else to split before
// a new region is taken, or by the keeper. While none looks every block is
// merged at once. So none stays unmerged for 2 ms.
#ifndef DBGALLOC_ALLOC_POOL_MEDIUM_TIER_H_
#define DBGALLOC_ALLOC_POOL_MEDIUM_TIER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "alloc/base/spin_lock.h"
#include "alloc/pool/buddy_region.h"
#include "alloc/pool/os_memory.h"
#include "alloc/pool/unit_map.h"

namespace dbgalloc::pool {

// A free run of memory that an allocation got; `fresh`: it is all zero.
struct MediumRun {
  uintptr_t begin = 0;  // 0: none
  bool fresh = false;
};

// Any number of threads.
class MediumTier {
 public:
  // 1024 regions are 512 GiB.
  static constexpr uint32_t kMaxRegions = 1024;

  constexpr MediumTier() = default;

  void Init(UnitMap* units, const OsMemory* memory) {
    units_ = units;
    memory_ = memory;
  }

  // Whether a keeper looks every millisecond. Null: none ever does.
  void SetKeeper(const std::atomic<bool>* looks) { keeper_looks_ = looks; }

  // Whether GiveBack() is the work of a few instructions now.
  bool keeps_latest() const {
    return keeper_looks_ != nullptr && keeper_looks_->load();
  }

  // The latest free block of the order, if it is kept. None: see Take().
  MediumRun TakeLatest(unsigned order);
  // A run of the order. None: no memory, or all regions are in use.
  MediumRun Take(unsigned order);
  // Gives a run back; another thread may be the one that merges it.
  void GiveBack(uintptr_t begin, unsigned order);
  // Makes a run smaller where it lies; the rest is given back.
  void Shrink(uintptr_t begin, unsigned order, unsigned new_order);

  // The region around an address whose unit the map says is a region's.
  BuddyRegion* Find(uintptr_t address) const;

  // Returns memory of free runs to the system: all of it, or what the last call
  // has seen, too. Returns its bytes.
  enum class PurgeWhat { kOlder, kAll };
  size_t Purge(PurgeWhat what);
  // Whether there may be memory that Purge() could return, now or later.
  bool has_garbage() const {
    return has_garbage_.load(std::memory_order_relaxed);
  }

  // Merges what was kept for the next request. Returns about how many blocks
  // were given back since the last call.
  uint32_t MergeAll();

  // Runs that are free, by order, apart from the latest ones; exact while no
  // other thread is at work.
  uint32_t CountFree(unsigned order) const;
  uint32_t regions() const {
    return region_count_.load(std::memory_order_acquire);
  }
  BuddyRegion* region(uint32_t index) const {
    return regions_[index].load(std::memory_order_acquire);
  }

  void Destroy();

  void PrepareFork();
  void FinishFork();

 private:
  // Names a node of a region; 0: none.
  using NodeId = uint32_t;
  static NodeId IdOf(const BuddyRegion& region, uint32_t node) {
    return region.index * kNodes + node;
  }
  BuddyRegion& RegionOf(NodeId id) const { return *region(id / kNodes); }
  static uint32_t NodeOf(NodeId id) { return id % kNodes; }

  // A list: tag and first node in one word.
  struct List {
    std::atomic<uint64_t> head{0};
  };

  void PushLink(List& list, NodeId id);
  NodeId PopLink(List& list);
  void MakeFree(NodeId id, Memory memory);
  NodeId TakeFree(unsigned order);
  void Enqueue(NodeId id, Memory memory);
  bool ClaimForMerge(NodeId id);
  void Drain();
  void DrainQueue();
  bool MergeLatest();
  void Merge(NodeId id);
  NodeId Split(NodeId id, unsigned order, Memory memory);
  NodeId AddRegion();
  MediumRun Hand(NodeId id, unsigned order);
  size_t PurgeOrder(unsigned order, PurgeWhat what);
  size_t PurgeNode(NodeId id, PurgeWhat what);

  UnitMap* units_ = nullptr;
  const OsMemory* memory_ = nullptr;
  std::atomic<uint32_t> nonempty_{0};  // a bit an order
  List lists_[kOrders];
  // The latest free block of each order, as it is, for the next request.
  std::atomic<NodeId> latest_[kOrders] = {};
  std::atomic<NodeId> queue_{0};
  std::atomic<bool> draining_{false};
  std::atomic<bool> has_garbage_{false};
  // Blocks given back since the last look; threads may lose counts of others.
  std::atomic<uint32_t> given_back_{0};
  const std::atomic<bool>* keeper_looks_ = nullptr;
  base::SpinLock region_lock_;
  std::atomic<uint32_t> region_count_{0};
  std::atomic<BuddyRegion*> regions_[kMaxRegions] = {};
};

}  // namespace dbgalloc::pool

#endif  // DBGALLOC_ALLOC_POOL_MEDIUM_TIER_H_
