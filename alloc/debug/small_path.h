// The way of nearly every operation: a block in a slot, no large alignment, a
// thread with a lane of its own, and no option that looks at each operation.
//
// It does what the general way (hot_path.h) does, in the same order towards
// other threads, but as one piece: nothing is looked up or worked out twice.
// The malloc face takes it inline, and knows the calling thread itself.
// Whatever is unusual or wrong is left to the general way, before anything was
// changed; so nothing is reported here.
#ifndef DBGALLOC_ALLOC_DEBUG_SMALL_PATH_H_
#define DBGALLOC_ALLOC_DEBUG_SMALL_PATH_H_

#include "alloc/debug/debug_heap_body.h"

namespace dbgalloc::debug {

// Zero for calloc, else the fill. It may reach into the slack, so the canary
// comes after.
inline void DebugHeap::Body::Prepare(const Span& span, uintptr_t user,
                                     size_t size, bool zeroed, bool fills) {
  if (zeroed) {
    if (!span.zeroed) Pattern().Fill(user, size);
  } else if (fills) {
    if (__builtin_expect(size <= kFillLimit, 1)) {
      alloc_fill_.Fill(user, size);
    } else {
      WriteEdges(alloc_fill_, user, user + size);
    }
  }
}

// Null: take the general way.
[[gnu::always_inline]] inline void* DebugHeap::Body::AllocateSmall(
    AllocationRequest request, const CallerFrame& caller, uint32_t thread) {
  const size_t size = request.size;
  const size_t alignment = request.alignment;
  if (size >= small_end_.load(std::memory_order_relaxed) ||
      alignment > heap::kGranule || (alignment & (alignment - 1)) != 0) {
    return nullptr;
  }
  const uint32_t stack = Stack(caller);
  Lane* lane = heap_.OwnLaneOf(thread);
  if (lane == nullptr || GuardIsDue(*lane)) return nullptr;
  heap_.PeekNumber(*lane);
  const size_t size_class = heap::SizeClassOf(size);
  Span* span = lane->current[size_class];
  if (span == nullptr) return nullptr;

  const uint32_t slot = span->next_slot.load(std::memory_order_relaxed);
  const uintptr_t begin = span->SlotBegin(slot);
  const uintptr_t user = begin + heap_.config().redzone;
  const uintptr_t end = user + span->stride;
  Prepare(*span, user, size, request.zeroed,
          alloc_filled_ == CheckedBlocks::kAll);
  if (redzones_) {
    if (slot == 0) canary_.Cover(begin, user);
    canary_.Cover(user + size, end);
  }

  BlockRecord& record = span->records[slot];
  record.alloc_stack = stack;
  record.alloc_thread = static_cast<uint16_t>(thread);
  record.allocated = PackedNumber(lane->next_number++, span->first_number);
  record.SetHead(BlockHead(BlockState::kLive, request.origin,
                           alignment == 0 ? 0 : heap::Log2Floor(alignment),
                           size));
  heap_.TakeSlot(*lane, span, slot);
  lane->allocations.Add(1);
  lane->allocated_bytes.Add(size);
  return reinterpret_cast<void*>(user);
}

// False: take the general way.
[[gnu::always_inline]] inline bool DebugHeap::Body::FreeSmall(
    uintptr_t address, FreeClaim claim, const CallerFrame& caller,
    uint32_t thread) {
  if (small_end_.load(std::memory_order_relaxed) == 0) return false;
  const uint32_t stack = Stack(caller);
  Lane* lane = heap_.OwnLaneOf(thread);
  if (lane == nullptr || heap::Heap::MayBeAtPeak(*lane)) return false;
  heap_.PeekNumber(*lane);
  Span* span = heap_.FindSpan(*lane, address);
  if (span == nullptr || !span->is_small) return false;

  const uintptr_t span_begin = span->begin.load(std::memory_order_relaxed);
  const uint32_t slot = span->SlotOf(address - span_begin);
  const uintptr_t begin = span_begin + size_t{slot} * span->stride;
  const uintptr_t user = begin + heap_.config().redzone;
  const uintptr_t end = user + span->stride;
  if (slot >= span->slot_count || user != address) return false;
  BlockRecord& record = span->records[slot];
  const BlockHead head = record.head();
  const size_t size = head.size();
  if (!head.IsLike(BlockHead(BlockState::kLive, claim.origin, 0, 0)) ||
      (claim.size_stated && claim.size != size) ||
      (claim.alignment != kNotStated && claim.alignment != head.alignment())) {
    return false;
  }
  if (redzones_ && !canary_.CoversAround(begin, user, user + size, end)) {
    return false;
  }
  if (!record.TryChange(head, BlockState::kFreeing)) return false;

  record.free_stack = stack;
  record.free_thread = static_cast<uint16_t>(thread);
  record.freed = PackedNumber(lane->next_number++, span->first_number);
  if (free_filled_ == CheckedBlocks::kAll) free_fill_.Fill(user, size);
  record.SetHead(head.With(BlockState::kFreed));
  lane->frees.Add(1);
  lane->freed_bytes.Add(size);
  heap_.RecedeSlot(*lane, span, begin, end);
  return true;
}

}  // namespace dbgalloc::debug

#endif  // DBGALLOC_ALLOC_DEBUG_SMALL_PATH_H_
