#include "alloc/stack/row_cache.h"

namespace dbgalloc::stack {

void RowCache::Insert(uintptr_t address, Epoch epoch, UnwindRow row) {
  Store(address, epoch, row.word());
  const int growth = growth_.load(std::memory_order_relaxed);
  if (growth == kMostGrowth) return;
  const size_t inserted = inserted_.fetch_add(1, std::memory_order_relaxed);
  if (inserted >= used() / 2) Grow(growth, epoch);
}

void RowCache::Store(uintptr_t address, Epoch epoch, uint64_t row) {
  Entry* pair = &entries_[PairIndex(address)];
  // The newer row goes first; the one that was first keeps the second place.
  const uint64_t old_row = pair[0].row.load(std::memory_order_relaxed);
  const uint64_t old_check = pair[0].check.load(std::memory_order_relaxed);
  pair[1].row.store(old_row, std::memory_order_relaxed);
  pair[1].check.store(old_check, std::memory_order_relaxed);
  pair[0].row.store(row, std::memory_order_relaxed);
  pair[0].check.store(address ^ (epoch << kEpochShift) ^ Mix(row),
                      std::memory_order_relaxed);
}

// What is known moves to its new place. Rows that other threads insert
// meanwhile may be lost; then they are worked out again.
void RowCache::Grow(int growth, Epoch epoch) {
  const size_t old_used = used();
  if (!growth_.compare_exchange_strong(growth, growth + kGrowthStep)) return;
  for (size_t i = 0; i < old_used; ++i) {
    const uint64_t row = entries_[i].row.load(std::memory_order_relaxed);
    const uint64_t check = entries_[i].Check(row) ^ (epoch << kEpochShift);
    const bool is_of_this_epoch = check >> kEpochShift == 0;
    if (row == 0 || !is_of_this_epoch) continue;
    const auto address = static_cast<uintptr_t>(check);
    const size_t place = PairIndex(address);
    if (place != (i & ~size_t{1})) Store(address, epoch, row);
  }
}

void RowCache::Invalidate() {
  const Epoch next = 2 + invalidations_.fetch_add(1, std::memory_order_acq_rel);
  // Sixteen bits of the epoch enter the check. Before they come round again
  // every entry is cleared, so that none of the last round can fit.
  if ((next & 0xffff) != 0) return;
  for (Entry& entry : entries_) {
    entry.row.store(0, std::memory_order_relaxed);
    entry.check.store(0, std::memory_order_relaxed);
  }
}

}  // namespace dbgalloc::stack
