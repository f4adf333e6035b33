// Blocks against inaccessible pages: when one is to be made, and what is
// written around it.
#include <cstring>

#include "alloc/base/text_writer.h"
#include "alloc/debug/hot_path.h"

namespace dbgalloc::debug {
namespace {

uint64_t Smaller(uint64_t a, uint64_t b) { return a < b ? a : b; }

}  // namespace

void DebugHeap::Body::InitGuards(const Options& options) {
  uint64_t drawn = 1;
  bool draws = safety_ && options.guard != GuardChoice::kNone;
  if (draws && options.guard_seed == 0 && host_.random != nullptr) {
    drawn = host_.random();
  }
  guards_.Init(options, drawn);
  if (options.verbosity >= 1) TellSeed();
  guard_memory_ = options.guard_memory;
  // Memory that shall stay readable when it is freed is not for a sample.
  bool stays = heap_.config().never_unmap && !guards_.takes_all();
  has_guards_ = draws && !stays && heap_.store().pages_are_ours();
}

// So that the same choice can be asked for again.
void DebugHeap::Body::TellSeed() const {
  if (guards_.drawn_seed() == 0 || host_.log == nullptr) return;
  char buffer[80];
  base::TextWriter out(buffer, sizeof(buffer));
  out.Text("dbgalloc: guard_seed=").Hex(guards_.drawn_seed()).Char('\n');
  host_.log(out.view().data(), out.view().size());
}

// Above a quarter of what the process can have, unless a bound was set. To find
// that out takes longer than many a short program, so a little is always there.
bool DebugHeap::Body::IsAboveGuardMemory(size_t bytes) {
  constexpr size_t kLittle = size_t{1} << 20;
  uint64_t limit = guard_memory_.load(std::memory_order_relaxed);
  if (limit != 0) return bytes > limit;
  if (bytes <= kLittle) return false;
  PageControl* pages = heap_.store().pages();
  uint64_t size = pages->memory_limit();
  if (host_.machine_memory != nullptr) {
    size = Smaller(size, host_.machine_memory());
  }
  // Guard pages take as many addresses as the blocks' pages.
  size = Smaller(size, pages->address_space_limit() / 2);
  guard_memory_.store(size / 4, std::memory_order_relaxed);
  return bytes > size / 4;
}

// From now on some blocks have redzones alone: said once.
void DebugHeap::Body::WarnOfMissingGuards(bool memory_is_used_up) {
  if (warned_of_guards_.exchange(true) || host_.log == nullptr) return;
  char buffer[200];
  base::TextWriter out(buffer, sizeof(buffer));
  out.Text("dbgalloc: warning: ");
  if (memory_is_used_up) {
    out.Text("guarded blocks hold ").Dec(heap_.guarded_bytes());
    out.Text(" bytes, which guard_memory allows");
  } else {
    out.Text("the system refuses guard pages (memory or mappings)");
  }
  out.Text("; further blocks have redzones alone\n");
  host_.log(out.view().data(), out.view().size());
}

// Invalid: an ordinary block will do. `call` has its number otherwise.
BlockRef DebugHeap::Body::ReserveGuarded(const AllocationRequest& request,
                                         Call& call) {
  GuardPosition position;
  {
    LaneUse use(call.lane);
    if (!has_guards_) {
      use->next_guarded = UINT64_MAX;
      return {};
    }
    uint64_t number = heap_.PeekNumber(*use);
    if (watch_.has_window() && !watch_.InWindow(call.stack)) return {};
    if (!guards_.Decide(*use, call.thread, request.size, number)) return {};
    position = guards_.Place(*use, request.size, request.alignment);
  }
  bool used_up = IsAboveGuardMemory(heap_.guarded_bytes() + request.size);
  BlockRef block;
  if (!used_up) {
    block =
        heap_.ReserveGuarded(request.size, position.alignment, position.side);
  }
  if (!block) {
    WarnOfMissingGuards(used_up);
    return {};
  }
  LaneUse use(call.lane);
  call.number = heap_.NextNumber(*use);
  use->allocations.Add(1);
  use->allocated_bytes.Add(request.size);
  return block;
}

// As Complete, for a block whose bytes end or begin with its pages: its fill
// must not go over, and all that is left of the pages is redzone.
uintptr_t DebugHeap::Body::CompleteGuarded(const BlockRef& block,
                                           const AllocationRequest& request,
                                           const Call& call,
                                           bool contents_kept) {
  BlockRecord& record = *block.record;
  record.SetHead(HeadOf(request, BlockState::kReserved));
  record.alloc_stack = call.stack;
  record.alloc_thread = static_cast<uint16_t>(call.thread);
  record.allocated = PackedNumber(call.number, block.span->first_number);
  heap_.SetSize(block, request.size);
  BlockLayout layout = heap_.LayoutOf(block);
  if (!contents_kept) PrepareGuarded(block, request, layout);
  if (redzones_) {
    canary_.Write(layout.redzone_begin, layout.user_begin);
    canary_.Write(layout.user_end, layout.redzone_end);
  }
  record.SetState(BlockState::kLive);
  return layout.user_begin;
}

// Slots are zero when they are opened.
void DebugHeap::Body::PrepareGuarded(const BlockRef& block,
                                     const AllocationRequest& request,
                                     const BlockLayout& layout) {
  void* user = reinterpret_cast<void*>(layout.user_begin);
  bool is_zero = !block.span->is_large || block.span->zeroed;
  if (request.zeroed) {
    if (!is_zero) memset(user, 0, request.size);
  } else if (!Covers(alloc_filled_, *block.record)) {
    return;
  } else if (request.size <= kFillLimit) {
    memset(user, alloc_fill_.ByteAt(0), request.size);
  } else {
    WriteEdges(alloc_fill_, layout.user_begin, layout.user_end);
  }
}

}  // namespace dbgalloc::debug
