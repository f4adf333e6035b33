// What a report tells besides the block itself: its neighbours, what a pointer
// in the damage points to, and when things happened.
#include <cstring>

#include "alloc/debug/debug_heap_body.h"

namespace dbgalloc::debug {

// Large blocks have a span each: nothing lies beside them.
void DebugHeap::Body::AddNeighbours(const BlockRef& block,
                                    ErrorRecord& record) const {
  if (!block || block.span->is_large) return;
  uint32_t slot = block.slot();
  if (slot > 0) record.before = Describe({block.span, block.record - 1});
  if (slot + 1 < block.span->used_slots()) {
    record.after = Describe({block.span, block.record + 1});
  }
}

// Words are looked at where a program would have them: at their alignment.
void DebugHeap::Body::AddPointer(ErrorRecord& record) const {
  const Damage& damage = record.damage;
  constexpr size_t kWord = sizeof(uintptr_t);
  for (size_t at = -damage.begin % kWord; at + kWord <= damage.shown;
       at += kWord) {
    uintptr_t value;
    memcpy(&value, damage.found + at, kWord);
    BlockDescription block = Describe(heap_.Find(value));
    if (!block.known || value < block.begin) continue;
    if (value > block.begin + block.size) continue;
    record.pointer = {true, value, block};
    return;
  }
}

void DebugHeap::Body::AddTime(HeapEvent& event) {
  if (!event.known) return;
  heap::TimeAgo ago = heap_.When(event.number);
  event.timed = ago.known;
  event.least_ago = ago.least;
  event.most_ago = ago.most;
}

void DebugHeap::Body::AddTimes(BlockDescription& block) {
  AddTime(block.allocated);
  AddTime(block.resized);
  AddTime(block.freed);
}

void DebugHeap::Body::AddTimes(ErrorRecord& record) {
  AddTime(record.owner_event);
  AddTimes(record.block);
  AddTimes(record.before);
  AddTimes(record.after);
  AddTimes(record.pointer.block);
}

void DebugHeap::AddTimes(BlockDescription& block) {
  static_cast<Body*>(this)->AddTimes(block);
}

}  // namespace dbgalloc::debug
