// Verifying memory that nobody is giving back just now: redzones of live
// blocks, fills of freed ones.
#include "alloc/debug/hot_path.h"

namespace dbgalloc::debug {
namespace {

uintptr_t Later(uintptr_t a, uintptr_t b) { return a > b ? a : b; }
uintptr_t Earlier(uintptr_t a, uintptr_t b) { return a < b ? a : b; }

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
  Damage damage = DescribeDamage(canary_, range);
  canary_.Write(range.begin, range.end);
  ReportDamage(kind, kind == ErrorKind::kHeapBufferOverflow ? left : right,
               damage, call);
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
  Damage damage = DescribeDamage(free_fill_, range);
  free_fill_.Write(range.begin, range.end);
  ReportDamage(ErrorKind::kWriteAfterFree, block, damage, call);
  return true;
}

// Looks at the slots that touch the given granules; memory outside of them is
// not touched, it may be gone. The span is claimed. Returns how many blocks
// were damaged.
size_t DebugHeap::Body::CheckSpan(Span* span, uint32_t granules,
                                  bool freed_only, Call& call) {
  size_t damaged = 0;
  size_t granule = heap_.store().granule_size(*span);
  uintptr_t begin = span->begin.load(std::memory_order_relaxed);
  while (granules != 0) {
    unsigned first = static_cast<unsigned>(__builtin_ctz(granules));
    unsigned count = 1;
    while (first + count < 32 && (granules >> (first + count) & 1) != 0) {
      ++count;
    }
    for (unsigned i = 0; i < count; ++i) {
      granules &= ~(uint32_t{1} << (first + i));
    }
    uintptr_t low = begin + first * granule;
    uintptr_t high = low + count * granule;
    uint32_t slot = 0;
    if (!span->is_large) {
      slot = span->SlotOf(low - begin);
      if (slot > 0) --slot;  // its redzone may reach into this granule
    }
    uint32_t used = span->used_slots();
    for (; slot < used; ++slot) {
      BlockRef block{span, &span->records[slot]};
      if (!span->is_large && span->SlotBegin(slot) >= high) break;
      BlockState state = block.record->state.load(std::memory_order_acquire);
      if (state != BlockState::kLive && state != BlockState::kFreed) continue;
      BlockLayout layout = heap_.LayoutOf(block);
      if (state == BlockState::kFreed) {
        uintptr_t from = Later(layout.user_begin, low);
        uintptr_t to = Earlier(layout.user_end, high);
        if (__builtin_expect(
                check_free_fill_ &&
                    !span->unfilled.load(std::memory_order_relaxed) &&
                    Covers(free_filled_, *block.record) &&
                    !free_fill_.Holds(from, to),
                0)) {
          damaged += CheckFill(block, from, to, call);
        }
      } else if (!freed_only && redzones_ && IsDamaged(block, layout)) {
        ReportRedzones(block, layout, call);
        ++damaged;
      }
    }
  }
  return damaged;
}

// Freed memory leaves the quarantine: the last moment to see what was written
// to it since.
void DebugHeap::Body::OnLeaving(Span* span, uint32_t granules) {
  CallerFrame nobody;
  Call call{nobody, Operation::kRetire};
  if (host_.current_thread != nullptr) call.thread = host_.current_thread();
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
  if (body.host_.current_thread != nullptr) {
    call.thread = body.host_.current_thread();
  }
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
