// From what a check found to the record that a report is made of.
#include "alloc/base/state_shield.h"
#include "alloc/debug/debug_heap_body.h"
#include "alloc/os/host_hooks.h"

namespace dbgalloc::debug {
namespace {

// Where stack_trace_frames switches stacks off: an error is worth one.
constexpr uint32_t kFramesOfErrors = 32;
// How often a look at a block that is just being freed yields before it takes
// the record as it is.
constexpr int kPatience = 1000;

bool WasUsed(BlockState state) {
  return state != BlockState::kUnused && state != BlockState::kReserved;
}

bool IsFreed(BlockState state) {
  return state == BlockState::kFreed || state == BlockState::kFreeing;
}

// The winner of a race to free writes down who it is before it says "freed".
BlockState SettledState(const BlockRecord& record) {
  BlockState state = record.state();
  for (int i = 0; i < kPatience && state == BlockState::kFreeing; ++i) {
    if (dbgalloc_host_yield != nullptr) dbgalloc_host_yield();
    state = record.state();
  }
  return state;
}

}  // namespace

BlockDescription DebugHeap::Body::Describe(const BlockRef& block) const {
  BlockDescription description;
  if (!block) return description;
  BlockState state = SettledState(*block.record);
  if (!WasUsed(state)) return description;
  const BlockRecord& record = *block.record;
  description.known = true;
  description.live = !IsFreed(state);
  description.begin = heap_.UserBegin(block);
  description.size = heap_.SizeOf(block);
  description.alignment = record.head().alignment();
  description.origin = record.head().origin();
  uint64_t first = block.span->first_number;
  description.allocated = {record.allocated.From(first), record.alloc_thread,
                           record.alloc_stack, true};
  if (IsFreed(state)) {
    description.freed = {record.freed.From(first), record.free_thread,
                         record.free_stack, true};
  }
  if (block.span->resizes != nullptr) {
    const heap::ResizeRecord& resize = block.span->resizes[block.slot()];
    if (resize.number != 0) {
      description.resized = {resize.number, resize.thread, resize.stack, true};
      if (resize.allocated != 0) {
        description.allocated.number = resize.allocated;
      }
    }
  }
  return description;
}

void DebugHeap::Body::Report(ErrorRecord& record, Call& call) {
  bool is_note = record.kind == ErrorKind::kMemoryLimit;
  if (!is_note) errors_.fetch_add(1, std::memory_order_relaxed);
  Number(call);
  if (call.stack == 0 && host_.record_stack != nullptr) {
    call.stack = host_.record_stack(call.caller, kFramesOfErrors);
  }
  record.operation = call.operation;
  record.guard_seed = guards_.drawn_seed();
  record.now = {call.number, call.thread, call.stack, true};
  record.patterns = patterns_;
  AddTimes(record);
  if (host_.sink == nullptr) return;
  base::ScopedClosedState program_may_run;
  host_.sink->OnError(record);
}

void DebugHeap::Body::ReportBlock(ErrorKind kind, uintptr_t address,
                                  const BlockRef& block, const FreeClaim& claim,
                                  Call& call) {
  ErrorRecord record;
  record.kind = kind;
  record.address = address;
  record.claimed_origin = claim.origin;
  record.claimed_size = claim.size;
  record.claimed_alignment = claim.alignment;
  record.block = Describe(block);
  Report(record, call);
}

// The pointer is not the beginning of a live block: what is it then?
void DebugHeap::Body::ReportBadPointer(uintptr_t address,
                                       const FreeClaim& claim, Call& call) {
  if (!safety_) return;
  BlockRef block = heap_.Find(address);
  BlockDescription found = Describe(block);
  bool asks_only = call.operation == Operation::kUsableSize;
  ErrorKind kind = ErrorKind::kInvalidFree;
  if (found.known && found.begin == address) {
    kind = asks_only ? ErrorKind::kUseAfterFree : ErrorKind::kDoubleFree;
    // A block that became live again under our eyes was none of ours to judge.
    if (found.live) kind = ErrorKind::kInvalidFree;
  } else if (found.known && address - found.begin < found.size) {
    kind = ErrorKind::kInteriorFree;
  } else if (!block && heap_.IsForgotten(address)) {
    kind = asks_only ? ErrorKind::kUseAfterFree : ErrorKind::kDoubleFree;
    block = {};
  } else if (!found.known) {
    block = heap_.FindNearest(address);
  }
  ReportBlock(kind, address, block, claim, call);
}

void DebugHeap::Body::ReportDamage(ErrorKind kind, const BlockRef& block,
                                   const DamagedMemory& memory, Call& call) {
  ErrorRecord record;
  record.kind = kind;
  record.address = memory.damage.begin;
  record.block = Describe(block);
  record.damage = memory.damage;
  record.memory = memory.around;
  AddNeighbours(block, record);
  AddPointer(record);
  Report(record, call);
}

void DebugHeap::Body::ReportRequest(ErrorKind kind,
                                    const AllocationRequest& request,
                                    Call& call) {
  ErrorRecord record;
  record.kind = kind;
  record.claimed_origin = request.origin;
  record.claimed_size = request.size;
  record.claimed_alignment = request.alignment;
  Report(record, call);
}

BlockDescription DebugHeap::Describe(uintptr_t address) const {
  const Body& body = *static_cast<const Body*>(this);
  BlockDescription found = body.Describe(body.heap_.Find(address));
  return found.known ? found : body.Describe(body.heap_.FindNearest(address));
}

}  // namespace dbgalloc::debug
