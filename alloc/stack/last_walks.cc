#include "alloc/stack/last_walks.h"

namespace dbgalloc::stack {

LastWalks::Place* LastWalks::Find(uintptr_t high) {
  const size_t first = FirstPlace(high);
  for (size_t i = 0; i < kTries; ++i) {
    Place& place = places_[(first + i) % kPlaces];
    if (place.high.load(std::memory_order_acquire) == high) return &place;
  }
  return nullptr;
}

LastWalks::Place* LastWalks::Claim(uintptr_t high) {
  const size_t first = FirstPlace(high);
  for (size_t i = 0; i < kTries; ++i) {
    Place& place = places_[(first + i) % kPlaces];
    uintptr_t nobody = 0;
    if (place.high.compare_exchange_strong(nobody, high,
                                           std::memory_order_acq_rel)) {
      return &place;
    }
  }
  return nullptr;
}

void LastWalks::Forget(uintptr_t high) {
  Place* place = Find(high);
  if (place == nullptr || place->in_use.load(std::memory_order_relaxed)) return;
  place->high.store(0, std::memory_order_release);
}

ScopedLastWalk::ScopedLastWalk(LastWalks& walks, uintptr_t high)
    : place_(walks.Find(high)) {
  if (__builtin_expect(place_ == nullptr, 0)) place_ = walks.Claim(high);
  if (place_ == nullptr) return;
  // Only the thread itself and what interrupts it look at this.
  if (place_->in_use.load(std::memory_order_relaxed)) {
    place_ = nullptr;
    return;
  }
  place_->in_use.store(true, std::memory_order_relaxed);
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

ScopedLastWalk::~ScopedLastWalk() {
  if (place_ == nullptr) return;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  place_->in_use.store(false, std::memory_order_relaxed);
}

}  // namespace dbgalloc::stack
