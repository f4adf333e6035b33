#include "alloc/pool/medium_tier.h"

#include <new>

#include "alloc/os/host_hooks.h"
#include "alloc/os/pages.h"
#include "alloc/pool/pool_lock.h"

namespace dbgalloc::pool {
namespace {

constexpr int kPatience = 5;
constexpr uint64_t kIdMask = 0xffffffff;
constexpr uint8_t kFreeAndListed = kNodeFree | kNodeListed;

// After so many lost races in a row the processor goes to somebody else.
void Lose(int& losses) {
  if (++losses % kPatience == 0 && dbgalloc_host_yield != nullptr) {
    dbgalloc_host_yield();
  }
}

uint64_t WithNextTag(uint64_t head, uint32_t id) {
  return ((head & ~kIdMask) + (kIdMask + 1)) | id;
}

Memory Together(Memory left, Memory right) {
  return left > right ? left : right;
}

}  // namespace

BuddyRegion* MediumTier::Find(uintptr_t address) const {
  uint32_t count = regions();
  for (uint32_t i = 0; i < count; ++i) {
    BuddyRegion* found = region(i);
    if (found != nullptr && address - found->begin < kRegionSize) return found;
  }
  return nullptr;
}

// --- Lists of free runs ---

void MediumTier::PushLink(List& list, NodeId id) {
  std::atomic<uint32_t>& next = RegionOf(id).next[NodeOf(id)];
  uint64_t head = list.head.load(std::memory_order_relaxed);
  for (int losses = 0;; Lose(losses)) {
    next.store(static_cast<uint32_t>(head & kIdMask),
               std::memory_order_relaxed);
    if (list.head.compare_exchange_weak(head, WithNextTag(head, id),
                                        std::memory_order_release,
                                        std::memory_order_relaxed)) {
      return;
    }
  }
}

MediumTier::NodeId MediumTier::PopLink(List& list) {
  uint64_t head = list.head.load(std::memory_order_acquire);
  for (int losses = 0;; Lose(losses)) {
    NodeId id = static_cast<NodeId>(head & kIdMask);
    if (id == 0) return 0;
    uint32_t next =
        RegionOf(id).next[NodeOf(id)].load(std::memory_order_relaxed);
    if (list.head.compare_exchange_weak(head, WithNextTag(head, next),
                                        std::memory_order_acquire,
                                        std::memory_order_acquire)) {
      return id;
    }
  }
}

// A node that a merge took out stands in its list still, and needs no link.
void MediumTier::MakeFree(NodeId id, Memory memory) {
  BuddyRegion& region = RegionOf(id);
  uint32_t node = NodeOf(id);
  unsigned order = OrderOfNode(node);
  region.memory[node].store(memory, std::memory_order_relaxed);
  uint8_t before =
      region.states[node].fetch_or(kFreeAndListed, std::memory_order_acq_rel);
  if ((before & kNodeListed) == 0) PushLink(lists_[order], id);
  uint32_t bit = 1u << order;
  if ((nonempty_.load(std::memory_order_relaxed) & bit) == 0) {
    nonempty_.fetch_or(bit, std::memory_order_release);
  }
}

MediumTier::NodeId MediumTier::TakeFree(unsigned order) {
  List& list = lists_[order];
  while (NodeId id = PopLink(list)) {
    uint8_t before =
        RegionOf(id).states[NodeOf(id)].exchange(0, std::memory_order_acq_rel);
    if ((before & kNodeFree) != 0) return id;
  }
  uint32_t bit = 1u << order;
  nonempty_.fetch_and(~bit, std::memory_order_acq_rel);
  if ((list.head.load(std::memory_order_seq_cst) & kIdMask) != 0) {
    nonempty_.fetch_or(bit, std::memory_order_release);
  }
  return 0;
}

// --- Taking ---

MediumTier::NodeId MediumTier::AddRegion() {
  PoolLockHolder holder(region_lock_);
  uint32_t index = region_count_.load(std::memory_order_relaxed);
  if (index == kMaxRegions) return 0;
  void* begin = memory_->Map(kRegionSize, kRegionSize);
  void* state =
      os::MapPages(RoundUpToPages(sizeof(BuddyRegion)), os::PageSize());
  uintptr_t address = reinterpret_cast<uintptr_t>(begin);
  if (begin == nullptr || state == nullptr ||
      !units_->Set(address, kRegionSize, kMediumRegion)) {
    if (begin != nullptr) memory_->Unmap(begin, kRegionSize);
    if (state != nullptr) {
      os::ReleasePages(state, RoundUpToPages(sizeof(BuddyRegion)));
    }
    return 0;
  }
  BuddyRegion* region = new (state) BuddyRegion;
  region->begin = address;
  region->index = index;
  regions_[index].store(region, std::memory_order_release);
  region_count_.store(index + 1, std::memory_order_release);
  return IdOf(*region, 1);
}

// Keeps the left half of each split.
MediumTier::NodeId MediumTier::Split(NodeId id, unsigned order, Memory memory) {
  BuddyRegion& region = RegionOf(id);
  uint32_t node = NodeOf(id);
  while (OrderOfNode(node) > order) {
    node *= 2;
    MakeFree(IdOf(region, node + 1), memory);
  }
  return IdOf(region, node);
}

MediumRun MediumTier::Hand(NodeId id, unsigned order) {
  BuddyRegion& region = RegionOf(id);
  Memory memory = region.memory[NodeOf(id)].load(std::memory_order_relaxed);
  NodeId taken = Split(id, order, memory);
  return {region.AddressOf(NodeOf(taken)), memory == Memory::kNone};
}

MediumRun MediumTier::TakeLatest(unsigned order) {
  if (latest_[order].load(std::memory_order_relaxed) == 0) return {};
  NodeId id = latest_[order].exchange(0, std::memory_order_acquire);
  if (id == 0) return {};
  return {RegionOf(id).AddressOf(NodeOf(id)), false};
}

MediumRun MediumTier::Take(unsigned order) {
  MediumRun latest = TakeLatest(order);
  if (latest.begin != 0) return latest;
  for (;;) {
    uint32_t bits = nonempty_.load(std::memory_order_acquire) >> order;
    if (bits == 0) {
      if (MergeLatest()) continue;
      NodeId region = AddRegion();
      return region == 0 ? MediumRun() : Hand(region, order);
    }
    unsigned lowest = order + static_cast<unsigned>(__builtin_ctz(bits));
    NodeId id = TakeFree(lowest);
    if (id != 0) return Hand(id, order);
  }
}

// --- Giving back ---

void MediumTier::Enqueue(NodeId id, Memory memory) {
  BuddyRegion& region = RegionOf(id);
  region.memory[NodeOf(id)].store(memory, std::memory_order_relaxed);
  std::atomic<uint32_t>& next = region.pending[NodeOf(id)];
  NodeId head = queue_.load(std::memory_order_relaxed);
  for (int losses = 0;; Lose(losses)) {
    next.store(head, std::memory_order_relaxed);
    if (queue_.compare_exchange_weak(head, id, std::memory_order_seq_cst,
                                     std::memory_order_relaxed)) {
      return;
    }
  }
}

void MediumTier::GiveBack(uintptr_t begin, unsigned order) {
  BuddyRegion& region = *Find(begin);
  if (!has_garbage()) has_garbage_.store(true, std::memory_order_relaxed);
  NodeId id = IdOf(region, NodeAt(begin - region.begin, order));
  given_back_.store(given_back_.load(std::memory_order_relaxed) + 1,
                    std::memory_order_relaxed);
  if (keeps_latest()) {
    id = latest_[order].exchange(id);
    // The keeper that stops looking now looks once more after it has said so.
    if (!keeps_latest()) MergeLatest();
    if (id == 0) return;
  }
  Enqueue(id, Memory::kRecent);
  Drain();
}

uint32_t MediumTier::MergeAll() {
  MergeLatest();
  return given_back_.exchange(0, std::memory_order_relaxed);
}

// False: there was nothing to merge.
bool MediumTier::MergeLatest() {
  bool found = false;
  for (std::atomic<NodeId>& latest : latest_) {
    if (latest.load(std::memory_order_relaxed) == 0) continue;
    NodeId id = latest.exchange(0, std::memory_order_acq_rel);
    if (id == 0) continue;
    Enqueue(id, Memory::kRecent);
    found = true;
  }
  if (found) Drain();
  return found;
}

void MediumTier::Shrink(uintptr_t begin, unsigned order, unsigned new_order) {
  BuddyRegion& region = *Find(begin);
  uint32_t node = NodeAt(begin - region.begin, order);
  while (OrderOfNode(node) > new_order) {
    node *= 2;
    Enqueue(IdOf(region, node + 1), Memory::kRecent);
  }
  if (!has_garbage()) has_garbage_.store(true, std::memory_order_relaxed);
  Drain();
}

// False: the buddy is in use, in part or whole, or just being taken.
bool MediumTier::ClaimForMerge(NodeId id) {
  uint8_t expected = kFreeAndListed;
  return RegionOf(id).states[NodeOf(id)].compare_exchange_strong(
      expected, kNodeListed, std::memory_order_acq_rel);
}

void MediumTier::Merge(NodeId id) {
  BuddyRegion& region = RegionOf(id);
  uint32_t node = NodeOf(id);
  Memory memory = region.memory[node].load(std::memory_order_relaxed);
  while (node != 1 && ClaimForMerge(IdOf(region, node ^ 1))) {
    memory = Together(memory,
                      region.memory[node ^ 1].load(std::memory_order_relaxed));
    node /= 2;
  }
  MakeFree(IdOf(region, node), memory);
}

void MediumTier::DrainQueue() {
  NodeId id = queue_.exchange(0, std::memory_order_seq_cst);
  while (id != 0) {
    NodeId next =
        RegionOf(id).pending[NodeOf(id)].load(std::memory_order_relaxed);
    Merge(id);
    id = next;
  }
}

// Whoever put a block into the queue after the drainer's last look finds the
// drain free, or the drainer looks again.
void MediumTier::Drain() {
  do {
    if (draining_.exchange(true, std::memory_order_seq_cst)) return;
    DrainQueue();
    draining_.store(false, std::memory_order_seq_cst);
  } while (queue_.load(std::memory_order_seq_cst) != 0);
}

// --- To the system ---

// The run is this thread's own. Returns the bytes given back.
size_t MediumTier::PurgeNode(NodeId id, PurgeWhat what) {
  BuddyRegion& region = RegionOf(id);
  std::atomic<Memory>& memory = region.memory[NodeOf(id)];
  Memory has = memory.load(std::memory_order_relaxed);
  if (has == Memory::kNone) return 0;
  if (what == PurgeWhat::kOlder && has == Memory::kRecent) {
    memory.store(Memory::kOlder, std::memory_order_relaxed);
    return 0;
  }
  size_t size = OrderSize(OrderOfNode(NodeOf(id)));
  void* begin = reinterpret_cast<void*>(region.AddressOf(NodeOf(id)));
  if (!os::DiscardPages(begin, size)) return 0;
  memory.store(Memory::kNone, std::memory_order_relaxed);
  return size;
}

// Each run is taken out of its list while it is looked at, and goes back by the
// queue, so that no merge is missed.
size_t MediumTier::PurgeOrder(unsigned order, PurgeWhat what) {
  size_t purged = 0;
  NodeId seen = 0;
  while (NodeId id = TakeFree(order)) {
    purged += PurgeNode(id, what);
    RegionOf(id).pending[NodeOf(id)].store(seen, std::memory_order_relaxed);
    seen = id;
  }
  while (seen != 0) {
    BuddyRegion& region = RegionOf(seen);
    std::atomic<Memory>& memory = region.memory[NodeOf(seen)];
    NodeId next = region.pending[NodeOf(seen)].load(std::memory_order_relaxed);
    Memory left = memory.load(std::memory_order_relaxed);
    if (left != Memory::kNone) {
      has_garbage_.store(true, std::memory_order_relaxed);
    }
    Enqueue(seen, left);
    seen = next;
  }
  Drain();
  return purged;
}

size_t MediumTier::Purge(PurgeWhat what) {
  if (!has_garbage_.exchange(false)) return 0;
  MergeLatest();
  size_t purged = 0;
  // Downward: what merges goes to where this has been already.
  for (unsigned order = kOrders; order-- > 0;) {
    purged += PurgeOrder(order, what);
  }
  return purged;
}

uint32_t MediumTier::CountFree(unsigned order) const {
  uint32_t count = 0;
  uint32_t first = 1u << (kOrders - 1 - order);
  for (uint32_t i = 0; i < regions(); ++i) {
    for (uint32_t node = first; node < 2 * first; ++node) {
      uint8_t state = region(i)->states[node].load(std::memory_order_relaxed);
      if ((state & kNodeFree) != 0) ++count;
    }
  }
  return count;
}

void MediumTier::Destroy() {
  for (uint32_t i = 0; i < regions(); ++i) {
    BuddyRegion* gone = region(i);
    memory_->Unmap(reinterpret_cast<void*>(gone->begin), kRegionSize);
    os::ReleasePages(gone, RoundUpToPages(sizeof(BuddyRegion)));
    regions_[i].store(nullptr, std::memory_order_relaxed);
  }
  region_count_.store(0, std::memory_order_relaxed);
}

// The drain must not be copied half done: nobody else drains meanwhile.
void MediumTier::PrepareFork() {
  region_lock_.Lock();
  while (draining_.exchange(true, std::memory_order_seq_cst)) {
    if (dbgalloc_host_yield != nullptr) dbgalloc_host_yield();
  }
}

void MediumTier::FinishFork() {
  draining_.store(false, std::memory_order_seq_cst);
  region_lock_.Unlock();
  if (queue_.load(std::memory_order_seq_cst) != 0) Drain();
}

}  // namespace dbgalloc::pool
