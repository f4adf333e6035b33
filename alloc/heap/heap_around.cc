// Which blocks lie around an address.
#include "alloc/heap/heap.h"

namespace dbgalloc::heap {
namespace {

// How far a neighbouring span is looked for, in units of the page map.
constexpr size_t kNeighbouringUnits = 1;

bool IsUsed(const BlockRecord& record) {
  BlockState state = record.state();
  return state != BlockState::kUnused && state != BlockState::kReserved;
}

}  // namespace

BlockRef Heap::LastUsedIn(Span* span, uintptr_t address) const {
  uintptr_t begin = span->begin.load(std::memory_order_relaxed);
  uint32_t slot = span->slot_count;
  if (!span->is_large && address - begin < span->size) {
    slot = span->SlotOf(address - begin) + 1;
    if (slot > span->slot_count) slot = span->slot_count;
  }
  while (slot-- > 0) {
    BlockRef block{span, &span->records[slot]};
    if (IsUsed(*block.record) && UserBegin(block) <= address) return block;
  }
  return {};
}

BlockRef Heap::FirstUsedIn(Span* span, uintptr_t address) const {
  uintptr_t begin = span->begin.load(std::memory_order_relaxed);
  uint32_t slot = 0;
  if (!span->is_large && address - begin < span->size) {
    slot = span->SlotOf(address - begin);
  }
  for (; slot < span->slot_count && slot < span->used_slots(); ++slot) {
    BlockRef block{span, &span->records[slot]};
    if (IsUsed(*block.record) && UserBegin(block) > address) return block;
  }
  return {};
}

Heap::Neighbours Heap::FindAround(uintptr_t address) const {
  Neighbours found;
  Span* here = store_.Find(address).span;
  uintptr_t begin = address;
  uintptr_t end = address;
  if (here != nullptr && here->Contains(address)) {
    found.below = LastUsedIn(here, address);
    found.above = FirstUsedIn(here, address);
    begin = here->begin.load(std::memory_order_relaxed);
    end = begin + here->size;
  }
  Span* below = store_.FindBelow(begin - 1, kNeighbouringUnits);
  if (!found.below && below != nullptr) {
    found.below = LastUsedIn(below, address);
  }
  Span* above = store_.FindAbove(end, kNeighbouringUnits);
  if (!found.above && above != nullptr) {
    found.above = FirstUsedIn(above, address);
  }
  return found;
}

}  // namespace dbgalloc::heap
