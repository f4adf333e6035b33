// The way of nearly every operation: a block in a slot, no large alignment, a
// thread with a lane of its own, and no option that looks at each operation.
//
// It does what the general way (hot_path.h) does, in the same order towards
// other threads, but as one piece: nothing is looked up or worked out twice.
// Whatever is unusual or wrong is left to the general way, before anything was
// changed; so nothing is reported here.
#ifndef DBGALLOC_ALLOC_DEBUG_SMALL_PATH_H_
#define DBGALLOC_ALLOC_DEBUG_SMALL_PATH_H_

#include "alloc/debug/hot_path.h"

namespace dbgalloc::debug {

// Null: take the general way.
[[gnu::always_inline]] inline void* DebugHeap::Body::AllocateSmall(
    const AllocationRequest& request, const CallerFrame& caller) {
  const size_t size = request.size;
  const size_t alignment = request.alignment;
  if (size >= small_end_.load(std::memory_order_relaxed) ||
      alignment > heap::kGranule || (alignment & (alignment - 1)) != 0) {
    return nullptr;
  }
  const uint32_t thread = Thread();
  const uint32_t stack = Stack(caller);
  Lane* lane = heap_.LaneOf(thread);
  if (lane == nullptr || lane->shared || GuardIsDue(*lane)) return nullptr;
  const size_t size_class = heap::SizeClassOf(size);
  Span* span = lane->current[size_class];
  if (span == nullptr) return nullptr;

  const uint32_t slot = span->next_slot.load(std::memory_order_relaxed);
  const uintptr_t begin = span->SlotBegin(slot);
  const uintptr_t user = begin + heap_.config().redzone;
  Prepare(*span, user, size, request.zeroed,
          alloc_filled_ == CheckedBlocks::kAll);
  if (redzones_) {
    if (slot == 0) canary_.Cover(begin, user);
    canary_.Cover(user + size, user + span->stride);
  }

  BlockRecord& record = span->records[slot];
  record.alloc_stack = stack;
  record.alloc_thread = static_cast<uint16_t>(thread);
  record.allocated = PackedNumber(heap_.NextNumber(*lane), span->first_number);
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
    uintptr_t address, const FreeClaim& claim, const CallerFrame& caller) {
  if (small_end_.load(std::memory_order_relaxed) == 0) return false;
  const uint32_t thread = Thread();
  const uint32_t stack = Stack(caller);
  Lane* lane = heap_.LaneOf(thread);
  if (lane == nullptr || lane->shared) return false;
  Span* span = heap_.FindSpan(*lane, address);
  if (span == nullptr || !span->is_small) return false;

  const uintptr_t span_begin = span->begin.load(std::memory_order_relaxed);
  const uint32_t slot = span->SlotOf(address - span_begin);
  const size_t offset = size_t{slot} * span->stride;
  const uintptr_t user = span_begin + offset + heap_.config().redzone;
  if (slot >= span->slot_count || user != address) return false;
  BlockRecord& record = span->records[slot];
  const BlockHead head = record.head();
  const size_t size = head.size();
  if (!head.IsLike(BlockHead(BlockState::kLive, claim.origin, 0, 0)) ||
      head.alignment_log2() > heap::kGranuleLog2 ||
      (claim.size_stated && claim.size != size) ||
      (claim.alignment != kNotStated && claim.alignment != head.alignment())) {
    return false;
  }
  if (redzones_ && !(canary_.Covers(user + size, user + span->stride) &&
                     canary_.Covers(span_begin + offset, user))) {
    return false;
  }
  if (!record.TryChange(head, BlockState::kFreeing)) return false;

  record.free_stack = stack;
  record.free_thread = static_cast<uint16_t>(thread);
  record.freed = PackedNumber(heap_.NextNumber(*lane), span->first_number);
  if (free_filled_ == CheckedBlocks::kAll) free_fill_.Fill(user, size);
  record.SetHead(head.With(BlockState::kFreed));
  if (__builtin_expect(heap::Heap::MayBeAtPeak(*lane), 0)) {
    heap_.NotePeak(*lane);
  }
  lane->frees.Add(1);
  lane->freed_bytes.Add(size);
  heap_.RecedeSlot(*lane, span, offset);
  return true;
}

}  // namespace dbgalloc::debug

#endif  // DBGALLOC_ALLOC_DEBUG_SMALL_PATH_H_
