// Giving blocks back: every check that free makes, and what becomes of the
// memory.
#include <cstring>

#include "alloc/debug/debug_heap_body.h"

namespace dbgalloc::debug {

// The order decides what is reported when several things are wrong: the
// pointer, then the block's state, then what the caller says of it.
BlockRef DebugHeap::Body::CheckedBlock(uintptr_t address,
                                       const FreeClaim& claim, Call& call) {
  BlockRef block = heap_.Find(address);
  if (__builtin_expect(!block || heap_.UserBegin(block) != address, 0)) {
    ReportBadPointer(address, claim, call);
    return {};
  }
  BlockState state = block.record->state.load(std::memory_order_acquire);
  if (__builtin_expect(state != BlockState::kLive, 0)) {
    ReportBadPointer(address, claim, call);
    return {};
  }
  AllocationFacts facts{block.record->origin, heap_.SizeOf(block),
                        block.record->alignment()};
  ErrorKind mismatch = CheckClaim(facts, claim, rules_);
  if (__builtin_expect(mismatch != ErrorKind::kNone, 0)) {
    ReportBlock(mismatch, address, block, claim, call);
  }
  return block;
}

void DebugHeap::Body::CheckRedzones(const BlockRef& block, Call& call) {
  BlockLayout layout = heap_.LayoutOf(block);
  if (__builtin_expect(
          !canary_.Holds(layout.user_end, layout.redzone_end), 0)) {
    BlockRef right;
    if (!block.span->is_large && block.slot + 1 < block.span->slot_count) {
      right = {block.span, block.record + 1, block.slot + 1};
    }
    CheckRedzone(block, right, layout.user_end, layout.redzone_end, call);
  }
  if (__builtin_expect(
          !canary_.Holds(layout.redzone_begin, layout.user_begin), 0)) {
    BlockRef left;
    if (block.slot > 0) left = {block.span, block.record - 1, block.slot - 1};
    CheckRedzone(left, block, layout.redzone_begin, layout.user_begin, call);
  }
}

void DebugHeap::Body::CountFree(uint64_t size, Call& call) {
  Lane* lane = heap_.LaneOf(call.thread);
  if (__builtin_expect(lane == nullptr, 0)) return;
  LaneUse use(lane);
  if (call.number == 0) call.number = heap_.NextNumber(*use);
  use->frees.Add(1);
  use->freed_bytes.Add(size);
}

// `contents_gone`: the pages were moved elsewhere; there is nothing to fill.
void DebugHeap::Body::FreeBlock(const BlockRef& block, Call& call,
                                bool contents_gone) {
  BlockRecord& record = *block.record;
  uint64_t size = heap_.SizeOf(block);
  uintptr_t user = heap_.UserBegin(block);
  if (__builtin_expect(
          !record.TryChange(BlockState::kLive, BlockState::kFreeing), 0)) {
    // Another thread was faster by a moment: this free is the second one.
    ReportBadPointer(user, FreeClaim{record.origin}, call);
    return;
  }
  CountFree(size, call);
  record.free_stack = call.stack;
  record.freed = PackedEvent(call.thread, call.number);
  bool leaves_now = block.span->is_large && size > kFillLimit &&
                    heap_.store().pages_are_ours() &&
                    !heap_.config().never_unmap;
  leaves_now = leaves_now || contents_gone;
  if (free_fill_on_ && !leaves_now) {
    memset(reinterpret_cast<void*>(user), free_fill_.ByteAt(0), size);
  }
  record.state.store(BlockState::kFreed, std::memory_order_release);
  GiveToLimit(size);
  if (__builtin_expect(leaves_now, 0)) {
    heap_.RetireNow(block);
  } else {
    heap_.Recede(block);
  }
}

void DebugHeap::Free(void* block, const FreeClaim& claim,
                     const CallerFrame& caller) {
  if (block == nullptr) return;
  Body& body = *static_cast<Body*>(this);
  Call call = body.Begin(caller, claim.operation);
  uintptr_t address = reinterpret_cast<uintptr_t>(block);
  BlockRef found = body.CheckedBlock(address, claim, call);
  if (!found) return;
  if (body.redzones_) body.CheckRedzones(found, call);
  uint64_t size = body.verbose_log_ ? body.heap_.SizeOf(found) : 0;
  body.FreeBlock(found, call, /*contents_gone=*/false);
  if (__builtin_expect(body.verbose_log_, 0)) {
    body.Log("free", address, size, call);
  }
  if (__builtin_expect(body.check_every_ != 0, 0)) body.CheckHeapIfDue(call);
}

size_t DebugHeap::UsableSize(const void* block, const CallerFrame& caller) {
  if (block == nullptr) return 0;
  Body& body = *static_cast<Body*>(this);
  BlockRef found = body.heap_.Find(reinterpret_cast<uintptr_t>(block));
  if (found &&
      body.heap_.UserBegin(found) == reinterpret_cast<uintptr_t>(block) &&
      found.record->state.load(std::memory_order_acquire) ==
          BlockState::kLive) {
    return body.heap_.SizeOf(found);
  }
  Call call = body.Begin(caller, Operation::kUsableSize);
  FreeClaim claim;
  claim.operation = Operation::kUsableSize;
  body.ReportBadPointer(reinterpret_cast<uintptr_t>(block), claim, call);
  return 0;
}

}  // namespace dbgalloc::debug
