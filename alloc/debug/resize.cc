// Changing a block's size: in place where it fits, else by moving.
#include <cstring>

#include "alloc/debug/hot_path.h"
#include "alloc/os/host_hooks.h"

namespace dbgalloc::debug {
namespace {

uint64_t Smaller(uint64_t a, uint64_t b) { return a < b ? a : b; }

}  // namespace

// The block is live and checked. The accounting is exact whatever happens: what
// a growth needs is taken first and given back when it is refused.
bool DebugHeap::Body::ResizeInPlace(const BlockRef& block, size_t new_size,
                                    Call& call) {
  uint64_t old_size = heap_.SizeOf(block);
  if (new_size > max_allocation_size_) return false;
  uint64_t growth = new_size > old_size ? new_size - old_size : 0;
  if (!TakeFromLimit(growth)) return false;
  BlockRecord& record = *block.record;
  if (!record.TryChange(BlockState::kLive, BlockState::kChanging) ||
      !heap_.FitInPlace(block, new_size)) {
    record.TryChange(BlockState::kChanging, BlockState::kLive);
    GiveToLimit(growth);
    return false;
  }
  heap_.SetSize(block, new_size);
  CoverAfterResize(block, old_size);
  if (new_size < old_size) GiveToLimit(old_size - new_size);
  Number(call);
  if (block.span->resizes != nullptr) {
    heap::ResizeRecord& latest = block.span->resizes[block.slot()];
    latest = {call.stack, call.thread, call.number, latest.allocated};
  }
  record.SetState(BlockState::kLive);
  LaneUse use(call.lane);
  use->allocated_bytes.Add(growth);
  if (new_size < old_size) {
    if (heap::Heap::MayBeAtPeak(*use)) heap_.NotePeak(*use);
    use->freed_bytes.Add(old_size - new_size);
  }
  return true;
}

// Fills what was gained, and covers what is redzone now. The redzone that a
// small block shares with the next one is not touched: it is as it was, and the
// neighbour's thread may be looking at it.
void DebugHeap::Body::CoverAfterResize(const BlockRef& block,
                                       uint64_t old_size) {
  BlockLayout layout = heap_.LayoutOf(block);
  uintptr_t old_end = layout.user_begin + old_size;
  if (layout.user_end > old_end && layout.user_end - old_end <= kFillLimit &&
      Covers(alloc_filled_, *block.record)) {
    memset(reinterpret_cast<void*>(old_end), alloc_fill_.ByteAt(0),
           layout.user_end - old_end);
  }
  if (!redzones_) return;
  uintptr_t end = block.span->is_large ? layout.redzone_end : old_end;
  canary_.Write(layout.user_end, end);
}

// A large block's pages may come and go, which a walk over the heap must not
// meet: it is kept away meanwhile. When it is this very thread that walks, and
// the sink of what it found that resizes, the answer is no.
bool DebugHeap::Body::ResizeBlock(const BlockRef& block, size_t new_size,
                                  Call& call) {
  if (!block.span->is_large) return ResizeInPlace(block, new_size, call);
  heap::ForkGate::Pass pass(heap_.fork_gate());
  while (!block.span->TryClaim()) {
    if (block.span->IsReportedBy(call.thread)) return false;
    if (dbgalloc_host_yield != nullptr) dbgalloc_host_yield();
  }
  bool resized = ResizeInPlace(block, new_size, call);
  block.span->Unclaim();
  return resized;
}

bool DebugHeap::Resize(void* block, size_t new_size, const FreeClaim& claim,
                       const CallerFrame& caller) {
  Body& body = *static_cast<Body*>(this);
  Call call = body.Begin(caller, claim.operation);
  uintptr_t address = reinterpret_cast<uintptr_t>(block);
  if (body.check_threads_) body.CheckOwner(address, claim, call);
  CheckedBlock found = body.Check(address, claim, call);
  if (!found) return false;
  if (body.redzones_) body.CheckRedzones(found.block, found.layout, call);
  bool resized = body.ResizeBlock(found.block, new_size, call);
  if (body.is_observed_ && resized) {
    body.Observe(OperationTrace::Deed::kResized, found.block, call);
  }
  return resized;
}

// Moves the pages that hold the contents of a large block, so that nothing is
// copied; its state is kChanging then. Both blocks lie alike in their spans
// when their alignment is equal.
bool DebugHeap::Body::MovePages(const BlockRef& from, const BlockRef& to) {
  PageControl* pages = heap_.store().pages();
  if (pages == nullptr || !from.span->is_large || !to.span->is_large) {
    return false;
  }
  uintptr_t from_begin = from.span->large_user_begin;
  uintptr_t to_begin = to.span->large_user_begin;
  uintptr_t mask = pages->page_size() - 1;
  if (((from_begin ^ to_begin) & mask) != 0) return false;
  uint64_t kept = Smaller(heap_.SizeOf(from), heap_.SizeOf(to));
  uintptr_t first = from_begin & ~mask;
  uintptr_t size = ((from_begin + kept + mask) & ~mask) - first;
  // A walk over the heap must not take the empty pages for damage.
  BlockRecord& record = *from.record;
  if (!record.TryChange(BlockState::kLive, BlockState::kChanging)) return false;
  if (pages->Move(reinterpret_cast<void*>(first),
                  reinterpret_cast<void*>(to_begin & ~mask), size)) {
    return true;
  }
  record.SetState(BlockState::kLive);
  return false;
}

// A block that grew once will grow again: as many addresses as it is long are
// kept free behind it, so that it moves once a doubling, however small its
// steps. Not where addresses are scarce.
size_t DebugHeap::Body::RoomToGrow(size_t size) const {
  constexpr size_t kFrom = size_t{1} << 20;
  constexpr auto kMost =
      static_cast<size_t>(sizeof(size_t) == 8 ? uint64_t{4} << 30 : 0);
  const PageControl* pages = heap_.store().pages();
  if (size < kFrom || pages == nullptr ||
      pages->address_space_limit() != SIZE_MAX) {
    return 0;
  }
  return size < kMost ? size : kMost;
}

// Resizes in place where the block fits; else moves it, small blocks only if
// `may_copy`. Null: refused or reported, the block is as it was.
void* DebugHeap::Body::Change(void* block, const AllocationRequest& request,
                              const FreeClaim& claim, bool may_copy,
                              Call& call) {
  uintptr_t address = reinterpret_cast<uintptr_t>(block);
  if (check_threads_) CheckOwner(address, claim, call);
  CheckedBlock found = Check(address, claim, call);
  if (!found) return nullptr;
  BlockRef old_block = found.block;
  if (redzones_) CheckRedzones(old_block, found.layout, call);
  // A guarded block moves, so as to end or begin at its page again.
  bool moves = may_copy && old_block.span->is_guarded &&
               request.size != heap_.SizeOf(old_block);
  if (!moves && ResizeBlock(old_block, request.size, call)) {
    if (is_observed_) {
      Observe(OperationTrace::Deed::kResized, old_block, call);
    }
    return block;
  }
  size_t alignment =
      request.alignment < heap::kGranule ? heap::kGranule : request.alignment;
  bool both_large =
      old_block.span->is_large && !heap_.IsSmall(request.size, alignment);
  if (!may_copy && !both_large) return nullptr;
  if (request.size > max_allocation_size_ || !TakeFromLimit(request.size)) {
    return nullptr;
  }
  AllocationRequest with_room = request;
  if (both_large && request.size > found.layout.user_end - address) {
    with_room.room = RoomToGrow(request.size);
  }
  BlockRef new_block = Reserve(with_room, call);
  if (!new_block) {
    GiveToLimit(request.size);
    return nullptr;
  }
  return MoveBlock(old_block, new_block, request, call);
}

void* DebugHeap::Reallocate(void* block, const AllocationRequest& request,
                            const FreeClaim& claim, const CallerFrame& caller) {
  Body& body = *static_cast<Body*>(this);
  Call call = body.Begin(caller, claim.operation);
  return body.Change(block, request, claim, /*may_copy=*/true, call);
}

void* DebugHeap::Remap(void* block, const AllocationRequest& request,
                       const FreeClaim& claim, const CallerFrame& caller) {
  Body& body = *static_cast<Body*>(this);
  Call call = body.Begin(caller, claim.operation);
  return body.Change(block, request, claim, /*may_copy=*/false, call);
}

// The event that a moved block begins with: the move itself, or, with
// resize_stack_traces, the old block's allocation, and the move is the latest
// resize.
Call DebugHeap::Body::RecordMove(const BlockRef& from, const BlockRef& to,
                                 const Call& call) {
  Call first = call;
  if (to.span->resizes == nullptr) return first;
  HeapEvent allocated = Describe(from).allocated;
  to.span->resizes[to.slot()] = {call.stack, call.thread, call.number,
                                 allocated.number};
  first.stack = allocated.stack;
  first.thread = allocated.thread;
  first.number = allocated.number;
  return first;
}

// The contents go first, by pages or bytes; then the new block's redzones and
// record are written; then the old one is freed.
void* DebugHeap::Body::MoveBlock(const BlockRef& from, const BlockRef& to,
                                 const AllocationRequest& request, Call& call) {
  to.record->SetHead(HeadOf(request, BlockState::kReserved));
  uint64_t old_size = heap_.SizeOf(from);
  uint64_t kept = Smaller(old_size, request.size);
  char* target = reinterpret_cast<char*>(heap_.UserBegin(to));
  bool moved = MovePages(from, to);
  if (!moved) {
    memcpy(target, reinterpret_cast<const void*>(heap_.UserBegin(from)), kept);
  }
  uint64_t growth = request.size - kept;
  Call first = RecordMove(from, to, call);
  to.record->alloc_stack = first.stack;
  if (growth <= kFillLimit && Covers(alloc_filled_, *to.record)) {
    memset(target + kept, alloc_fill_.ByteAt(0), growth);
  }
  Publish(to, request, first, /*contents_kept=*/true);
  if (is_observed_) Observe(OperationTrace::Deed::kMoved, to, call);
  uint64_t allocation_number = call.number;
  call.number = 0;  // the free is an operation of its own
  if (is_observed_) Observe(OperationTrace::Deed::kFrees, from, call);
  FreeBlock(from, heap_.LayoutOf(from), call, /*contents_gone=*/moved);
  call.number = allocation_number;
  return target;
}

}  // namespace dbgalloc::debug
