// Giving blocks back: every check that free makes, and what becomes of the
// memory.
#include "alloc/debug/hot_path.h"

namespace dbgalloc::debug {

// Damage around a block was seen: looks closer, and reports each side.
void DebugHeap::Body::ReportRedzones(const BlockRef& block,
                                     const BlockLayout& layout, Call& call) {
  BlockRef right;
  bool has_neighbours = block.span->is_small;
  if (has_neighbours && block.slot() + 1 < block.span->slot_count) {
    right = {block.span, block.record + 1};
  }
  CheckRedzone(block, right, layout.user_end, layout.redzone_end, call);
  BlockRef left;
  if (has_neighbours && block.slot() > 0) left = {block.span, block.record - 1};
  CheckRedzone(left, block, layout.redzone_begin, layout.user_begin, call);
}

// Whether the memory of a block that is not small goes as it is freed, with no
// time in the quarantine.
bool DebugHeap::Body::LeavesAtFree(const BlockRef& block, uint64_t size) const {
  return block.span->is_guarded ||
         (size > kFillLimit && heap_.store().pages_are_ours() &&
          !heap_.config().never_unmap);
}

void DebugHeap::Free(void* block, const FreeClaim& claim,
                     const CallerFrame& caller) {
  if (block == nullptr) return;
  Body& body = *static_cast<Body*>(this);
  uintptr_t address = reinterpret_cast<uintptr_t>(block);
  if (__builtin_expect(body.FreeSmall(address, claim, caller, body.Thread()),
                       1))
    return;
  body.FreeAny(address, claim, caller);
}

void DebugHeap::Body::FreeAny(uintptr_t address, const FreeClaim& claim,
                              const CallerFrame& caller) {
  Call call = Begin(caller, claim.operation);
  if (check_threads_) CheckOwner(address, claim, call);
  CheckedBlock found = Check(address, claim, call);
  if (!found) return;
  if (redzones_) CheckRedzones(found.block, found.layout, call);
  if (is_observed_) Observe(OperationTrace::Deed::kFrees, found.block, call);
  FreeBlock(found.block, found.layout, call, /*contents_gone=*/false);
  if (check_every_ != 0) CheckHeapIfDue(call);
}

size_t DebugHeap::UsableSize(const void* block, const CallerFrame& caller) {
  if (block == nullptr) return 0;
  Body& body = *static_cast<Body*>(this);
  BlockRef found = body.heap_.Find(reinterpret_cast<uintptr_t>(block));
  if (found &&
      body.heap_.UserBegin(found) == reinterpret_cast<uintptr_t>(block) &&
      found.record->state() == BlockState::kLive) {
    return body.heap_.SizeOf(found);
  }
  Call call = body.Begin(caller, Operation::kUsableSize);
  FreeClaim claim;
  claim.operation = Operation::kUsableSize;
  body.ReportBadPointer(reinterpret_cast<uintptr_t>(block), claim, call);
  return 0;
}

}  // namespace dbgalloc::debug
