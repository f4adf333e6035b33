// The parts of DebugHeap that every operation runs through, inline; the cold
// rest, which begins where something is wrong, is elsewhere.
#ifndef DBGALLOC_ALLOC_DEBUG_HOT_PATH_H_
#define DBGALLOC_ALLOC_DEBUG_HOT_PATH_H_

#include <cstring>

#include "alloc/debug/debug_heap_body.h"

namespace dbgalloc::debug {

[[gnu::always_inline]] inline Call DebugHeap::Body::Begin(
    const CallerFrame& caller, Operation operation) {
  Call call{caller, operation};
  if (host_.current_thread != nullptr) call.thread = host_.current_thread();
  if (stack_frames_ != 0 && host_.record_stack != nullptr) {
    call.stack = host_.record_stack(caller, stack_frames_);
  }
  call.lane = heap_.LaneOf(call.thread);
  return call;
}

// A block of the calling thread's lane; invalid: no memory at hand.
[[gnu::always_inline]] inline BlockRef DebugHeap::Body::TryReserve(
    const AllocationRequest& request, Call& call) {
  if (__builtin_expect(call.lane == nullptr, 0)) return {};
  LaneUse use(call.lane);
  size_t alignment =
      request.alignment < heap::kGranule ? heap::kGranule : request.alignment;
  BlockRef block = heap_.Reserve(*use, request.size, alignment);
  if (__builtin_expect(!block, 0)) return {};
  call.number = heap_.NextNumber(*use);
  use->allocations.Add(1);
  use->allocated_bytes.Add(request.size);
  if (__builtin_expect(use->shared, 0)) CoverNextRedzone(block);
  return block;
}

// Zero for calloc, else the fill. It may reach into the slack, so the canary
// comes after.
[[gnu::always_inline]] inline void DebugHeap::Body::Prepare(
    const BlockRef& block, const AllocationRequest& request,
    const BlockLayout& layout) {
  uintptr_t user = layout.user_begin;
  if (request.zeroed) {
    if (!block.span->zeroed) {
      memset(reinterpret_cast<void*>(user), 0, request.size);
    }
  } else if (Covers(alloc_filled_, *block.record)) {
    if (__builtin_expect(request.size <= kFillLimit, 1)) {
      alloc_fill_.Fill(user, request.size);
    } else {
      alloc_fill_.Write(user, user + kFillEdge);
      alloc_fill_.Write(layout.user_end - kFillEdge, layout.user_end);
    }
  }
}

// Covers the block's surroundings and bytes, completes its record, and lets the
// rest of the world see it. `contents_kept`: the bytes are the caller's.
// Returns where the block begins.
[[gnu::always_inline]] inline uintptr_t DebugHeap::Body::Complete(
    const BlockRef& block, const AllocationRequest& request, const Call& call,
    bool contents_kept) {
  BlockRecord& record = *block.record;
  record.origin = request.origin;
  size_t alignment = request.alignment == 0 ? 1 : request.alignment;
  record.alignment_log2 = static_cast<uint8_t>(heap::Log2Floor(alignment));
  record.alloc_stack = call.stack;
  record.allocated = PackedEvent(call.thread, call.number);
  heap_.SetSize(block, request.size);
  BlockLayout layout = heap_.LayoutOf(block);
  if (!contents_kept) Prepare(block, request, layout);
  if (redzones_) {
    // The redzone before was written with the slot before; only the first slot
    // and the padding of large alignments have their own to write.
    uintptr_t own = layout.redzone_begin + heap_.config().redzone;
    if (block.slot() == 0) own = layout.redzone_begin;
    canary_.Write(own, layout.user_begin);
    uintptr_t end = layout.redzone_end;
    if (__builtin_expect(call.lane->shared && !block.span->is_large, 0)) {
      end -= heap_.config().redzone;  // see CoverNextRedzone
    }
    canary_.Write(layout.user_end, end);
  }
  record.state.store(BlockState::kLive, std::memory_order_release);
  return layout.user_begin;
}

// The order decides what is reported when several things are wrong: the
// pointer, then the block's state, then what the caller says of it.
[[gnu::always_inline]] inline CheckedBlock DebugHeap::Body::Check(
    uintptr_t address, const FreeClaim& claim, Call& call) {
  if (__builtin_expect(call.lane == nullptr, 0)) return {};
  BlockRef block = heap_.Find(*call.lane, address);
  if (__builtin_expect(!block, 0)) {
    ReportBadPointer(address, claim, call);
    return {};
  }
  BlockLayout layout = heap_.LayoutOf(block);
  if (__builtin_expect(layout.user_begin != address ||
                           block.record->state.load(
                               std::memory_order_acquire) != BlockState::kLive,
                       0)) {
    ReportBadPointer(address, claim, call);
    return {};
  }
  AllocationFacts facts{block.record->origin,
                        layout.user_end - layout.user_begin,
                        block.record->alignment()};
  ErrorKind mismatch = CheckClaim(facts, claim, rules_);
  if (__builtin_expect(mismatch != ErrorKind::kNone, 0)) {
    ReportBlock(mismatch, address, block, claim, call);
  }
  return {block, layout};
}

[[gnu::always_inline]] inline void DebugHeap::Body::CheckRedzones(
    const BlockRef& block, const BlockLayout& layout, Call& call) {
  if (__builtin_expect(
          canary_.Holds(layout.user_end, layout.redzone_end) &&
              canary_.Holds(layout.redzone_begin, layout.user_begin),
          1)) {
    return;
  }
  ReportRedzones(block, layout, call);
}

[[gnu::always_inline]] inline void DebugHeap::Body::CountFree(uint64_t size,
                                                              Call& call) {
  LaneUse use(call.lane);
  if (call.number == 0) call.number = heap_.NextNumber(*use);
  if (__builtin_expect(heap::Heap::MayBeAtPeak(*use), 0)) heap_.NotePeak(*use);
  use->frees.Add(1);
  use->freed_bytes.Add(size);
}

// `contents_gone`: the pages were moved elsewhere, the state being kChanging;
// there is nothing to fill.
[[gnu::always_inline]] inline void DebugHeap::Body::FreeBlock(
    const BlockRef& block, const BlockLayout& layout, Call& call,
    bool contents_gone) {
  BlockRecord& record = *block.record;
  BlockState before = contents_gone ? BlockState::kChanging : BlockState::kLive;
  if (__builtin_expect(!record.TryChange(before, BlockState::kFreeing), 0)) {
    // Another thread was faster by a moment: this free is the second one.
    ReportBadPointer(layout.user_begin, FreeClaim{record.origin}, call);
    return;
  }
  uint64_t size = layout.user_end - layout.user_begin;
  CountFree(size, call);
  record.free_stack = call.stack;
  record.freed = PackedEvent(call.thread, call.number);
  bool leaves_now =
      contents_gone ||
      (block.span->is_large && size > kFillLimit &&
       heap_.store().pages_are_ours() && !heap_.config().never_unmap);
  if (__builtin_expect(leaves_now, 0)) {
    block.span->unfilled.store(true, std::memory_order_relaxed);
  } else if (Covers(free_filled_, record)) {
    free_fill_.Fill(layout.user_begin, size);
  }
  record.state.store(BlockState::kFreed, std::memory_order_release);
  GiveToLimit(size);
  if (__builtin_expect(leaves_now, 0)) {
    heap_.RetireNow(block);
  } else {
    heap_.Recede(*call.lane, block);
  }
}

inline void DebugHeap::Body::GiveToLimit(uint64_t bytes) {
  if (limited_.load(std::memory_order_relaxed)) limited_bytes_ -= bytes;
}

}  // namespace dbgalloc::debug

#endif  // DBGALLOC_ALLOC_DEBUG_HOT_PATH_H_
