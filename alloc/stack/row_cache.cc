#include "alloc/stack/row_cache.h"

namespace dbgalloc::stack {

void RowCache::Insert(uintptr_t address, Epoch epoch, UnwindRow row) {
  Entry* pair = &entries_[PairIndex(address)];
  // The newer row goes first; the one that was first keeps the second place.
  const uint64_t old_row = pair[0].row.load(std::memory_order_relaxed);
  const uint64_t old_check = pair[0].check.load(std::memory_order_relaxed);
  pair[1].row.store(old_row, std::memory_order_relaxed);
  pair[1].check.store(old_check, std::memory_order_relaxed);
  const uint64_t word = row.word();
  pair[0].row.store(word, std::memory_order_relaxed);
  pair[0].check.store(address ^ (epoch << kEpochShift) ^ Mix(word),
                      std::memory_order_relaxed);
}

void RowCache::Invalidate() {
  const Epoch next = epoch_.fetch_add(1, std::memory_order_acq_rel) + 1;
  // Sixteen bits of the epoch enter the check. Before they come round again
  // every entry is cleared, so that none of the last round can fit.
  if ((next & 0xffff) != 0) return;
  for (Entry& entry : entries_) {
    entry.row.store(0, std::memory_order_relaxed);
    entry.check.store(0, std::memory_order_relaxed);
  }
}

}  // namespace dbgalloc::stack
