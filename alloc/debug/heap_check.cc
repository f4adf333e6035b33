// Verifying memory that nobody is giving back just now: redzones of live
// blocks, fills of freed ones.
#include "alloc/debug/hot_path.h"

namespace dbgalloc::debug {
namespace {

uintptr_t Later(uintptr_t a, uintptr_t b) { return a > b ? a : b; }
uintptr_t Earlier(uintptr_t a, uintptr_t b) { return a < b ? a : b; }

DamagedMemory Look(const Pattern& pattern, const DamagedRange& range,
                   const BlockRef& block) {
  uintptr_t span = block.span->begin.load(std::memory_order_relaxed);
  return {DescribeDamage(pattern, range),
          CopyAround(range, span, span + block.span->size)};
}

}  // namespace

// Damage between two blocks (either may be invalid): blames one, reports and
// mends it, so that it is reported once. True when there was any.
bool DebugHeap::Body::CheckRedzone(const BlockRef& left, const BlockRef& right,
                                   uintptr_t begin, uintptr_t end, Call& call) {
  DamagedRange range = FindDamage(canary_, begin, end);
  if (range.empty()) return false;
  BlockDescription left_block = Describe(left);
  BlockDescription right_block = Describe(right);
  DamageNeighbours neighbours;
  if (left_block.known) {
    neighbours.left_user_end = left_block.begin + left_block.size;
  }
  if (right_block.known) neighbours.right_user_begin = right_block.begin;
  ErrorKind kind = BlameFor(range, neighbours);
  const BlockRef& blamed =
      kind == ErrorKind::kHeapBufferOverflow ? left : right;
  DamagedMemory memory = Look(canary_, range, blamed);
  canary_.Write(range.begin, range.end);
  ReportDamage(kind, blamed, memory, call);
  return true;
}

// Whether the redzones of a live block are damaged. Its owner may be resizing
// it meanwhile: then its own bytes are no damage.
DBGALLOC_READS_MEANWHILE
bool DebugHeap::Body::IsDamaged(const BlockRef& block,
                                const BlockLayout& layout) const {
  if (canary_.Holds(layout.user_end, layout.redzone_end) &&
      canary_.Holds(layout.redzone_begin, layout.user_begin)) {
    return false;
  }
  // An exchange, so that what was read above was read before.
  return block.record->TryChange(BlockState::kLive, BlockState::kLive) &&
         heap_.SizeOf(block) == layout.user_end - layout.user_begin;
}

// Freed bytes in [begin, end) that lost their fill.
bool DebugHeap::Body::CheckFill(const BlockRef& block, uintptr_t begin,
                                uintptr_t end, Call& call) {
  DamagedRange range = FindDamage(free_fill_, begin, end);
  if (range.empty()) return false;
  DamagedMemory memory = Look(free_fill_, range, block);
  free_fill_.Write(range.begin, range.end);
  ReportDamage(ErrorKind::kWriteAfterFree, block, memory, call);
  return true;
}

// Looks at one block as far as it lies in [low, high); memory outside is not
// touched, it may be gone. Returns whether it was damaged.
[[gnu::always_inline]] inline bool DebugHeap::Body::CheckBlock(
    const BlockRef& block, const BlockLayout& layout, BlockState state,
    const CheckedRange& range, Call& call) {
  if (state == BlockState::kFreed) {
    uintptr_t from = Later(layout.user_begin, range.low);
    uintptr_t to = Earlier(layout.user_end, range.high);
    return range.fills && Covers(free_filled_, *block.record) &&
           __builtin_expect(!free_fill_.Fills(from, to), 0) &&
           CheckFill(block, from, to, call);
  }
  if (range.freed_only || state != BlockState::kLive || !redzones_ ||
      !IsDamaged(block, layout)) {
    return false;
  }
  ReportRedzones(block, layout, call);
  return true;
}

// Looks at the slots that touch the range, one after the other.
size_t DebugHeap::Body::CheckSlots(Span* span, const CheckedRange& range,
                                   Call& call) {
  size_t damaged = 0;
  uintptr_t span_begin = span->begin.load(std::memory_order_relaxed);
  uint32_t slot = span->SlotOf(range.low - span_begin);
  if (slot > 0) --slot;  // its redzone may reach into this granule
  uint32_t used = span->used_slots();
  uintptr_t begin = span->SlotBegin(slot);
  for (; slot < used && begin < range.high; ++slot, begin += span->stride) {
    BlockRef block{span, &span->records[slot]};
    BlockHead head = block.record->head();
    damaged += CheckBlock(block, heap_.SlotLayout(*span, begin, head),
                          head.state(), range, call);
  }
  return damaged;
}

// The same for guarded slots, of which only the live ones can be looked at.
size_t DebugHeap::Body::CheckGuardedSlots(Span* span, const CheckedRange& range,
                                          Call& call) {
  size_t damaged = 0;
  for (uint32_t slot = 0; slot < span->used_slots(); ++slot) {
    BlockRef block{span, &span->records[slot]};
    BlockState state = block.record->state();
    if (state != BlockState::kLive) continue;
    damaged += CheckBlock(block, heap_.LayoutOf(block), state, range, call);
  }
  return damaged;
}

// Looks at the blocks that touch the given granules. The span is claimed.
// Returns how many were damaged.
size_t DebugHeap::Body::CheckSpan(Span* span, uint32_t granules,
                                  bool freed_only, Call& call) {
  span->reporting_thread.store(call.thread + 1, std::memory_order_relaxed);
  size_t damaged = 0;
  size_t granule = heap_.store().granule_size(*span);
  uintptr_t begin = span->begin.load(std::memory_order_relaxed);
  CheckedRange range;
  range.freed_only = freed_only;
  range.fills = check_free_fill_;
  while (granules != 0) {
    unsigned first = static_cast<unsigned>(__builtin_ctz(granules));
    // Adding to the lowest bit of a run carries to behind its highest.
    uint64_t behind = uint64_t{granules} + (uint64_t{1} << first);
    unsigned last = static_cast<unsigned>(__builtin_ctzll(behind));
    granules &= static_cast<uint32_t>(behind);
    range.low = begin + first * granule;
    range.high = begin + last * granule;
    if (span->is_large) {
      BlockRef block{span, &span->records[0]};
      BlockState state = block.record->state();
      // Written before the block became kFreed, so looked at after.
      range.fills &= !span->unfilled.load(std::memory_order_relaxed);
      damaged += CheckBlock(block, heap_.LayoutOf(block), state, range, call);
    } else if (span->is_guarded) {
      damaged += CheckGuardedSlots(span, range, call);
    } else {
      damaged += CheckSlots(span, range, call);
    }
  }
  span->reporting_thread.store(0, std::memory_order_relaxed);
  return damaged;
}

// Freed memory leaves the quarantine: the last moment to see what was written
// to it since.
void DebugHeap::Body::OnLeaving(Span* span, uint32_t granules) {
  CallerFrame nobody;
  Call call{nobody, Operation::kRetire};
  call.thread = Thread();
  CheckSpan(span, granules, /*freed_only=*/true, call);
}

void DebugHeap::Body::CheckHeapIfDue(const Call& call) {
  if (call.number % check_every_ == 0) {
    CheckHeap(Operation::kHeapCheck, call.caller);
  }
}

size_t DebugHeap::CheckHeap(Operation operation, const CallerFrame& caller) {
  Body& body = *static_cast<Body*>(this);
  if (!body.safety_) return 0;
  Call call{caller, operation};
  call.thread = body.Thread();
  heap::ForkGate::Pass pass(body.heap_.fork_gate());
  size_t damaged = 0;
  heap::SpanStore& store = body.heap_.store();
  for (Span* span = store.ClaimFirst(); span != nullptr;
       span = store.ClaimNext(span)) {
    uint32_t present = span->all_granules & ~span->released_granules;
    damaged += body.CheckSpan(span, present, /*freed_only=*/false, call);
  }
  return damaged;
}

}  // namespace dbgalloc::debug
