// Slots of guarded spans: whole pages with an inaccessible one on either side,
// open only while a block lives there.
//
//   closed -> Take -> Open -> (the block's life) -> Close -> closed for ever
//
// So whatever lies around a live block faults: guard pages, slots that were
// freed, slots that were never used.
#ifndef DBGALLOC_ALLOC_HEAP_GUARDED_SLOTS_H_
#define DBGALLOC_ALLOC_HEAP_GUARDED_SLOTS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "alloc/base/spin_lock.h"
#include "alloc/heap/span.h"
#include "alloc/heap/span_store.h"

namespace dbgalloc::heap {

// Thread-safe: one short lock, taken once an allocation; no system call is made
// under it, but by the store when a span is used up.
class GuardedSlots {
 public:
  void Init(SpanStore* store);

  // The most data pages that a slot can have; 0: none can be made here.
  size_t most_pages() const { return most_pages_; }

  // The record of a closed slot with so many data pages; its span, which
  // begins with `first_number` when it is new, in *span. Null: refused.
  BlockRecord* Take(size_t data_pages, uint64_t first_number, Span** span);

  // Makes the data pages of a slot accessible and zero. False: refused.
  bool Open(Span* span, uint32_t slot);
  // Makes them inaccessible, their contents gone. The span is claimed.
  void Close(Span* span, uint32_t slot);

  uintptr_t DataBegin(const Span& span, uint32_t slot) const {
    return span.SlotBegin(slot) + store_->page_size();
  }
  size_t DataSize(const Span& span) const {
    return span.stride - store_->page_size();
  }

  size_t open_bytes() const {
    return open_bytes_.load(std::memory_order_relaxed);
  }
  base::SpinLock& lock() { return lock_; }

 private:
  SpanStore* store_ = nullptr;
  size_t most_pages_ = 0;
  std::atomic<size_t> open_bytes_{0};
  base::SpinLock lock_;
  Span* current_[kMaxGuardedPages + 1] = {};  // by data pages
};

}  // namespace dbgalloc::heap

#endif  // DBGALLOC_ALLOC_HEAP_GUARDED_SLOTS_H_
