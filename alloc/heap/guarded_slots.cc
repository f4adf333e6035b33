#include "alloc/heap/guarded_slots.h"

#include "alloc/heap/size_classes.h"

namespace dbgalloc::heap {

void GuardedSlots::Init(SpanStore* store) {
  store_ = store;
  if (!store->pages_are_ours()) return;
  size_t pages = store->span_size() / store->page_size();
  if (pages < 3) return;  // two guard pages and one between
  most_pages_ = pages - 2 < kMaxGuardedPages ? pages - 2 : kMaxGuardedPages;
}

BlockRecord* GuardedSlots::Take(size_t data_pages, uint64_t first_number,
                                Span** span) {
  if (data_pages > most_pages_) return nullptr;
  base::SpinLockHolder holder(lock_);
  Span*& current = current_[data_pages];
  if (current == nullptr) {
    current = store_->NewGuarded(data_pages);
    if (current == nullptr) return nullptr;
    current->first_number = first_number;
  }
  *span = current;
  uint32_t slot = current->next_slot.load(std::memory_order_relaxed);
  BlockRecord* record = &current->records[slot];
  current->next_slot.store(slot + 1, std::memory_order_release);
  if (slot + 1 == current->slot_count) current = nullptr;
  return record;
}

bool GuardedSlots::Open(Span* span, uint32_t slot) {
  if (!store_->pages()->Open(reinterpret_cast<void*>(DataBegin(*span, slot)),
                             DataSize(*span))) {
    return false;
  }
  span->guarded[slot].is_open.store(true, std::memory_order_relaxed);
  open_bytes_.fetch_add(DataSize(*span), std::memory_order_relaxed);
  return true;
}

void GuardedSlots::Close(Span* span, uint32_t slot) {
  std::atomic<bool>& is_open = span->guarded[slot].is_open;
  if (!is_open.exchange(false, std::memory_order_relaxed)) return;
  store_->pages()->Close(reinterpret_cast<void*>(DataBegin(*span, slot)),
                         DataSize(*span));
  open_bytes_.fetch_sub(DataSize(*span), std::memory_order_relaxed);
}

}  // namespace dbgalloc::heap
