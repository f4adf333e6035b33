#include "alloc/heap/lane_table.h"

#include <new>

namespace dbgalloc::heap {

Lane* LaneTable::FindLater(uint32_t thread) const {
  if (thread >= kMostThreads) {
    return shared_[thread % kSharedLanes].load(std::memory_order_acquire);
  }
  const Page* page =
      later_pages_[thread / kPageSize].load(std::memory_order_acquire);
  if (page == nullptr) return nullptr;
  return page->lanes[thread % kPageSize].load(std::memory_order_acquire);
}

// Under the lock. Null: no memory.
std::atomic<Lane*>* LaneTable::EntryOf(uint32_t thread) {
  if (thread < kPageSize) return &first_page_.lanes[thread];
  std::atomic<Page*>& link = later_pages_[thread / kPageSize];
  Page* page = link.load(std::memory_order_relaxed);
  if (page == nullptr) {
    void* memory = store_->TakeMetadata(sizeof(Page));
    if (memory == nullptr) return nullptr;
    page = new (memory) Page();
    link.store(page, std::memory_order_release);
  }
  return &page->lanes[thread % kPageSize];
}

Lane* LaneTable::MakeLane(bool shared) {
  void* memory = store_->TakeMetadata(sizeof(Lane));
  if (memory == nullptr) return nullptr;
  Lane* lane = new (memory) Lane();
  lane->shared = shared;
  lane->next_made = made_.load(std::memory_order_relaxed);
  made_.store(lane, std::memory_order_release);
  return lane;
}

Lane* LaneTable::TakeOwn() {
  Lane* lane = free_;
  if (lane != nullptr) {
    free_ = lane->next_free;
    return lane;
  }
  if (own_lanes() == kOwnLanes) return nullptr;
  lane = MakeLane(/*shared=*/false);
  if (lane != nullptr) own_lanes_.fetch_add(1, std::memory_order_relaxed);
  return lane;
}

Lane* LaneTable::SharedLane(uint32_t thread) {
  std::atomic<Lane*>& link = shared_[thread % kSharedLanes];
  Lane* lane = link.load(std::memory_order_relaxed);
  if (lane == nullptr) {
    lane = MakeLane(/*shared=*/true);
    link.store(lane, std::memory_order_release);
  }
  return lane;
}

Lane* LaneTable::Assign(uint32_t thread) {
  base::SpinLockHolder holder(lock_);
  if (thread >= kMostThreads) return SharedLane(thread);
  std::atomic<Lane*>* entry = EntryOf(thread);
  if (entry == nullptr) return SharedLane(thread);
  Lane* lane = TakeOwn();
  if (lane == nullptr) lane = SharedLane(thread);
  entry->store(lane, std::memory_order_release);
  return lane;
}

bool LaneTable::Release(uint32_t thread) {
  Lane* lane = Find(thread);
  if (lane == nullptr || lane->shared) return false;
  base::SpinLockHolder holder(lock_);
  Lane* heir = SharedLane(thread);
  if (heir == nullptr) return false;
  EntryOf(thread)->store(heir, std::memory_order_release);
  lane->next_free = free_;
  free_ = lane;
  return true;
}

void LaneTable::LockAll() {
  lock_.Lock();
  for (const std::atomic<Lane*>& link : shared_) {
    Lane* lane = link.load(std::memory_order_relaxed);
    if (lane != nullptr) lane->lock.Lock();
  }
}

void LaneTable::UnlockAll() {
  for (const std::atomic<Lane*>& link : shared_) {
    Lane* lane = link.load(std::memory_order_relaxed);
    if (lane != nullptr) lane->lock.Unlock();
  }
  lock_.Unlock();
}

}  // namespace dbgalloc::heap
