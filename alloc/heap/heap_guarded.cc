// Blocks against inaccessible pages: the part of the heap that deals with them.
#include "alloc/heap/heap.h"

namespace dbgalloc::heap {

// Small ones lie in slots of guarded spans, others in a span of their own.
BlockRef Heap::ReserveGuarded(size_t size, size_t alignment, GuardSide side) {
  if (!store_.pages_are_ours()) return {};
  size_t page = store_.page_size();
  if (size > guarded_.most_pages() * page || alignment > page) {
    Span* span = store_.NewGuardedLarge(size, alignment, side);
    if (span == nullptr) return {};
    span->first_number = EarliestNumber();
    return {span, &span->records[0]};
  }
  GuardPlacement placement = PlaceGuarded(size, alignment, side, page);
  BlockRef block;
  block.record = guarded_.Take(placement.pages, EarliestNumber(), &block.span);
  if (!block) return {};
  block.span->guarded[block.slot()].offset =
      static_cast<uint32_t>(placement.offset);
  // An empty block stays closed: it has no byte that anybody may touch.
  if (size != 0 && !guarded_.Open(block.span, block.slot())) {
    RetireGuardedSlot(block);
    return {};
  }
  return block;
}

void Heap::RetireGuardedSlot(const BlockRef& block) {
  Span* span = block.span;
  ForkGate::Pass pass(fork_gate_);
  Claim(span);
  guarded_.Close(span, block.slot());
  if (span->granule_slots[0].fetch_sub(1, std::memory_order_acq_rel) == 1) {
    quarantine_.Finish({span, span->all_granules});
    store_.Retire(span);
  }
  span->Unclaim();
}

BlockLayout Heap::OtherLayoutOf(const BlockRef& block) const {
  return block.span->is_large ? LargeLayoutOf(block) : GuardedLayoutOf(block);
}

// All that is left of the data pages is redzone; a slot that was never opened
// has none that could be looked at.
BlockLayout Heap::GuardedLayoutOf(const BlockRef& block) const {
  const GuardedSlot* slots = block.span->guarded;
  if (slots == nullptr) return {};  // the span became another kind meanwhile
  const GuardedSlot& slot = slots[block.slot()];
  bool is_open = slot.is_open.load(std::memory_order_relaxed);
  uintptr_t data = guarded_.DataBegin(*block.span, block.slot());
  BlockLayout layout;
  layout.user_begin = data + slot.offset;
  layout.user_end = layout.user_begin + block.record->head().size();
  bool has_redzones = is_open && config_.redzone != 0;
  layout.redzone_begin = has_redzones ? data : layout.user_begin;
  layout.redzone_end =
      has_redzones ? data + guarded_.DataSize(*block.span) : layout.user_end;
  return layout;
}

// As other small blocks, within its size class only; and not over its page.
bool Heap::FitsInGuardedSlot(const BlockRef& block, size_t size) const {
  if (!IsSmall(size, kGranule) ||
      SizeClassOf(size) != SizeClassOf(SizeOf(block))) {
    return false;
  }
  const GuardedSlot& slot = block.span->guarded[block.slot()];
  size_t room = guarded_.DataSize(*block.span) - slot.offset;
  return size <= (slot.is_open.load(std::memory_order_relaxed) ? room : 0);
}

}  // namespace dbgalloc::heap
