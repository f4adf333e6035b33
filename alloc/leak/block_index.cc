#include "alloc/leak/block_index.h"

#include "alloc/os/address_space.h"

namespace dbgalloc::leak {

using heap::BlockState;
using heap::Span;

// A resize that was stopped half-way does not make a block less live.
bool BlockIndex::IsLive(const heap::BlockRecord& record) {
  const BlockState state = record.state();
  return state == BlockState::kLive || state == BlockState::kChanging;
}

uint32_t* BlockIndex::NumberOf(uintptr_t address) {
  if (!os::IsBelow<heap::PageMap::kAddressBits>(address)) return nullptr;
  uint32_t*& leaf = top_[address >> kTopShift];
  if (leaf == nullptr) {
    leaf = memory_->Take<uint32_t>(size_t{1} << (kTopShift - unit_log2_));
    if (leaf == nullptr) return nullptr;
  }
  return &leaf[(address & kLeafMask) >> unit_log2_];
}

bool BlockIndex::Build(heap::Heap* heap, ScanMemory* memory) {
  heap_ = heap;
  memory_ = memory;
  unit_log2_ = heap::Log2Floor(heap->config().span_size);
  before_ = heap->config().redzone == 0 ? 0 : 1;
  top_ = memory->Take<uint32_t*>(kTopEntries);
  size_t spans = 0;
  Span* first = heap->store().live_spans();
  for (Span* span = first; span != nullptr; span = span->live_next) ++spans;
  entries_ = memory->Take<SpanEntry>(spans + 1);
  if (top_ == nullptr || entries_ == nullptr) return false;
  for (Span* span = first; span != nullptr; span = span->live_next) {
    if (!AddSpan(span)) return false;
  }
  return true;
}

bool BlockIndex::AddSpan(Span* span) {
  SpanEntry& entry = entries_[++count_];
  entry.begin = span->begin.load(std::memory_order_relaxed);
  entry.reciprocal = span->is_large ? 0 : span->reciprocal;
  entry.span = span;
  entry.used = span->used_slots();
  if (entry.used > span->slot_count && !span->is_large) {
    entry.used = span->slot_count;
  }
  entry.unseen = memory_->Take<uint64_t>((entry.used + 63) / 64);
  if (entry.used != 0 && entry.unseen == nullptr) return false;
  for (uint32_t slot = 0; slot < entry.used; ++slot) {
    if (!IsLive(span->records[slot])) continue;
    entry.unseen[slot / 64] |= uint64_t{1} << (slot % 64);
    ++live_blocks_;
  }
  const uintptr_t end = entry.begin + span->size;
  for (uintptr_t at = entry.begin; at < end; at += unit()) {
    uint32_t* number = NumberOf(at);
    if (number == nullptr) return false;
    *number = count_;
  }
  if (entry.begin < lowest_) lowest_ = entry.begin;
  if (end > highest_) highest_ = end;
  return true;
}

bool BlockIndex::NoteForeign(uintptr_t begin, uintptr_t end) {
  for (uintptr_t at = begin & ~(unit() - 1); at < end; at += unit()) {
    uint32_t* number = NumberOf(at);
    if (number == nullptr) return false;
    if (*number == 0) *number = kForeign;
  }
  if (begin < lowest_) lowest_ = begin;
  if (end > highest_) highest_ = end;
  return true;
}

// Units at the ends may hold other foreign memory, too.
void BlockIndex::ForgetForeign(uintptr_t begin, uintptr_t end) {
  begin = (begin + unit() - 1) & ~(unit() - 1);
  for (uintptr_t at = begin; at < end && end - at >= unit(); at += unit()) {
    uint32_t* number = NumberOf(at);
    if (number != nullptr && *number == kForeign) *number = 0;
  }
}

bool BlockIndex::IsHeap(uintptr_t address) const {
  const heap::PageMapAnswer answer = heap_->store().Find(address);
  return answer.span != nullptr || answer.forgotten;
}

}  // namespace dbgalloc::leak
