// The parts of DebugHeap that every operation runs through, one by one: the
// general way, for any block and with every option. What small_path.h can do at
// once does not come here.
#ifndef DBGALLOC_ALLOC_DEBUG_HOT_PATH_H_
#define DBGALLOC_ALLOC_DEBUG_HOT_PATH_H_

#include "alloc/debug/small_path.h"

namespace dbgalloc::debug {

inline Call DebugHeap::Body::Begin(const CallerFrame& caller,
                                   Operation operation) {
  Call call{caller, operation};
  call.thread = Thread();
  call.stack = Stack(caller);
  call.lane = heap_.LaneOf(call.thread);
  return call;
}

// A block of the calling thread's lane; invalid: no memory at hand.
inline BlockRef DebugHeap::Body::TryReserve(const AllocationRequest& request,
                                            Call& call) {
  if (__builtin_expect(call.lane == nullptr, 0)) return {};
  LaneUse use(call.lane);
  size_t alignment =
      request.alignment < heap::kGranule ? heap::kGranule : request.alignment;
  BlockRef block = heap_.Reserve(*use, request.size, alignment, request.room);
  if (__builtin_expect(!block, 0)) return {};
  call.number = heap_.NextNumber(*use);
  use->allocations.Add(1);
  use->allocated_bytes.Add(request.size);
  if (__builtin_expect(use->shared, 0)) CoverNextRedzone(block);
  return block;
}

// What the record of a request's block says.
inline BlockHead HeadOf(const AllocationRequest& request, BlockState state) {
  size_t alignment = request.alignment == 0 ? 1 : request.alignment;
  return BlockHead(state, request.origin, heap::Log2Floor(alignment),
                   request.size);
}

// Covers the block's surroundings and bytes, completes its record, and lets the
// rest of the world see it. `contents_kept`: the bytes are the caller's.
// Returns where the block begins.
inline uintptr_t DebugHeap::Body::Complete(const BlockRef& block,
                                           const AllocationRequest& request,
                                           const Call& call,
                                           bool contents_kept) {
  BlockRecord& record = *block.record;
  record.SetHead(HeadOf(request, BlockState::kReserved));
  record.alloc_stack = call.stack;
  record.alloc_thread = static_cast<uint16_t>(call.thread);
  record.allocated = PackedNumber(call.number, block.span->first_number);
  BlockLayout layout = heap_.LayoutOf(block);
  if (!contents_kept) {
    Prepare(*block.span, layout.user_begin, request.size, request.zeroed,
            Covers(alloc_filled_, record));
  }
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
  record.SetState(BlockState::kLive);
  return layout.user_begin;
}

// The order decides what is reported when several things are wrong: the
// pointer, then the block's state, then what the caller says of it.
inline CheckedBlock DebugHeap::Body::Check(uintptr_t address,
                                           const FreeClaim& claim, Call& call) {
  if (__builtin_expect(call.lane == nullptr, 0)) return {};
  BlockRef block = heap_.Find(*call.lane, address);
  if (__builtin_expect(!block, 0)) {
    ReportBadPointer(address, claim, call);
    return {};
  }
  BlockLayout layout = heap_.LayoutOf(block);
  if (__builtin_expect(layout.user_begin != address ||
                           block.record->state() != BlockState::kLive,
                       0)) {
    ReportBadPointer(address, claim, call);
    return {};
  }
  BlockHead head = block.record->head();
  AllocationFacts facts{head.origin(), layout.user_end - layout.user_begin,
                        head.alignment()};
  ErrorKind mismatch = CheckClaim(facts, claim, rules_);
  if (__builtin_expect(mismatch != ErrorKind::kNone, 0)) {
    ReportBlock(mismatch, address, block, claim, call);
  }
  return {block, layout};
}

inline void DebugHeap::Body::CheckRedzones(const BlockRef& block,
                                           const BlockLayout& layout,
                                           Call& call) {
  if (__builtin_expect(
          canary_.Holds(layout.user_end, layout.redzone_end) &&
              canary_.Holds(layout.redzone_begin, layout.user_begin),
          1)) {
    return;
  }
  ReportRedzones(block, layout, call);
}

inline void DebugHeap::Body::CountFree(uint64_t size, Call& call) {
  LaneUse use(call.lane);
  if (call.number == 0) call.number = heap_.NextNumber(*use);
  if (__builtin_expect(heap::Heap::MayBeAtPeak(*use), 0)) heap_.NotePeak(*use);
  use->frees.Add(1);
  use->freed_bytes.Add(size);
}

// `contents_gone`: the pages were moved elsewhere, the state being kChanging;
// there is nothing to fill.
inline void DebugHeap::Body::FreeBlock(const BlockRef& block,
                                       const BlockLayout& layout, Call& call,
                                       bool contents_gone) {
  BlockRecord& record = *block.record;
  BlockState before = contents_gone ? BlockState::kChanging : BlockState::kLive;
  if (__builtin_expect(!record.TryChange(before, BlockState::kFreeing), 0)) {
    // Another thread was faster by a moment: this free is the second one.
    ReportBadPointer(layout.user_begin, FreeClaim{record.head().origin()},
                     call);
    return;
  }
  uint64_t size = layout.user_end - layout.user_begin;
  CountFree(size, call);
  record.free_stack = call.stack;
  record.free_thread = static_cast<uint16_t>(call.thread);
  record.freed = PackedNumber(call.number, block.span->first_number);
  bool leaves_now =
      contents_gone || (!block.span->is_small && LeavesAtFree(block, size));
  if (__builtin_expect(leaves_now, 0)) {
    block.span->unfilled.store(true, std::memory_order_relaxed);
  } else if (Covers(free_filled_, record)) {
    free_fill_.Fill(layout.user_begin, size);
  }
  record.SetState(BlockState::kFreed);
  GiveToLimit(size);
  if (__builtin_expect(leaves_now, 0)) {
    heap_.RetireNow(block, call.thread);
  } else {
    heap_.Recede(*call.lane, block);
  }
}

inline void DebugHeap::Body::GiveToLimit(uint64_t bytes) {
  if (limited_.load(std::memory_order_relaxed)) limited_bytes_ -= bytes;
}

}  // namespace dbgalloc::debug

#endif  // DBGALLOC_ALLOC_DEBUG_HOT_PATH_H_
