// The blocks that live, grouped by the stack that allocated them.
#include <cstring>
#include <new>

#include "alloc/base/state_shield.h"
#include "alloc/debug/debug_heap_body.h"
#include "alloc/debug/leak_groups.h"

namespace dbgalloc::debug {

size_t DebugHeap::ReportLiveBlocks(Operation operation,
                                   const CallerFrame& caller) {
  Body& body = *static_cast<Body*>(this);
  Call call{caller, operation};
  call.thread = body.Thread();
  LeakGroups groups(body.backing_);
  {
    heap::ForkGate::Pass pass(body.heap_.fork_gate());
    heap::SpanStore& store = body.heap_.store();
    for (Span* span = store.ClaimFirst(); span != nullptr;
         span = store.ClaimNext(span)) {
      for (uint32_t slot = 0; slot < span->used_slots(); ++slot) {
        BlockRef block{span, &span->records[slot]};
        if (block.record->state() == BlockState::kLive) {
          groups.Add(body.Describe(block));
        }
      }
    }
  }
  if (groups.blocks() == 0) return 0;
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
