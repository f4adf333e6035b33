// The blocks that live, grouped by the stack that allocated them.
#include <cstring>
#include <new>

#include "alloc/base/state_shield.h"
#include "alloc/debug/debug_heap_body.h"
#include "alloc/debug/leak_groups.h"

namespace dbgalloc::debug {
namespace {

// Slots are handed out in turn, so the newest blocks come first.
bool HasLiveSlotSince(const Span& span, uint64_t number) {
  for (uint32_t slot = span.used_slots(); slot-- > 0;) {
    const heap::BlockRecord& record = span.records[slot];
    const BlockState state = record.state();
    if (state == BlockState::kUnused || state == BlockState::kReserved) {
      continue;
    }
    if (record.allocated.From(span.first_number) < number) return false;
    if (state == BlockState::kLive) return true;
  }
  return false;
}

}  // namespace

bool DebugHeap::HasLiveBlockSince(uint64_t number) {
  Body& body = *static_cast<Body*>(this);
  heap::ForkGate::Pass pass(body.heap_.fork_gate());
  heap::SpanStore& store = body.heap_.store();
  bool has = false;
  for (Span* span = store.ClaimFirst(); span != nullptr;
       span = store.ClaimNext(span)) {
    has = has || HasLiveSlotSince(*span, number);
  }
  return has;
}

void DebugHeap::AddLiveBlocks(uint64_t first_number, LeakGroups* groups) {
  Body& body = *static_cast<Body*>(this);
  heap::ForkGate::Pass pass(body.heap_.fork_gate());
  heap::SpanStore& store = body.heap_.store();
  for (Span* span = store.ClaimFirst(); span != nullptr;
       span = store.ClaimNext(span)) {
    for (uint32_t slot = 0; slot < span->used_slots(); ++slot) {
      BlockRef block{span, &span->records[slot]};
      if (block.record->state() != BlockState::kLive) continue;
      if (block.record->allocated.From(span->first_number) < first_number) {
        continue;
      }
      if ((block.record->leak_marks() & heap::kLeakIgnored) != 0) continue;
      groups->Add(body.Describe(block));
    }
  }
}

void DebugHeap::ForEachLiveBlock(void (*visit)(void* context,
                                               const BlockDescription& block),
                                 void* context) {
  Body& body = *static_cast<Body*>(this);
  heap::ForkGate::Pass pass(body.heap_.fork_gate());
  heap::SpanStore& store = body.heap_.store();
  for (Span* span = store.ClaimFirst(); span != nullptr;
       span = store.ClaimNext(span)) {
    for (uint32_t slot = 0; slot < span->used_slots(); ++slot) {
      BlockRef block{span, &span->records[slot]};
      if (block.record->state() != BlockState::kLive) continue;
      visit(context, body.Describe(block));
    }
  }
}

size_t DebugHeap::ReportLiveBlocks(Operation operation,
                                   const CallerFrame& caller) {
  Body& body = *static_cast<Body*>(this);
  Call call{caller, operation};
  call.thread = body.Thread();
  LeakGroups groups(body.backing_);
  AddLiveBlocks(0, &groups);
  if (groups.blocks() == 0) return 0;
  groups.CompleteExamples(
      [&body](BlockDescription& block) { body.AddTimes(block); });
  LeakReport report = groups.Finish();
  report.operation = operation;
  call.stack = body.Stack(caller);
  report.now = {body.Number(call), call.thread, call.stack, true};
  if (body.host_.sink != nullptr) {
    base::ScopedClosedState program_may_run;
    body.host_.sink->OnLeaks(report);
  }
  return groups.blocks();
}

}  // namespace dbgalloc::debug
