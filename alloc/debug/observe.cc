// Operations that somebody asked to be told of.
#include <string_view>

#include "alloc/base/state_shield.h"
#include "alloc/base/text_writer.h"
#include "alloc/debug/debug_heap_body.h"

namespace dbgalloc::debug {
namespace {

std::string_view WordFor(OperationTrace::Deed deed) {
  switch (deed) {
    case OperationTrace::Deed::kAllocated:
      return "allocate";
    case OperationTrace::Deed::kResized:
      return "resize to";
    case OperationTrace::Deed::kMoved:
      return "move to";
    case OperationTrace::Deed::kFrees:
      return "free";
  }
  return "use";
}

}  // namespace

void DebugHeap::Body::Log(std::string_view what, uintptr_t address,
                          uint64_t size, const Call& call) const {
  char buffer[160];
  base::TextWriter out(buffer, sizeof(buffer));
  out.Text("dbgalloc: T").Dec(call.thread).Text(" #").Dec(call.number);
  out.Char(' ').Text(what).Char(' ').Dec(size);
  out.Text(" byte").Text(size == 1 ? std::string_view() : "s");
  out.Text(" at ").Hex(address).Char('\n');
  host_.log(out.view().data(), out.view().size());
}

void DebugHeap::Body::Observe(OperationTrace::Deed deed, const BlockRef& block,
                              Call& call) {
  OperationTrace trace;
  trace.deed = deed;
  trace.operation = call.operation;
  trace.block = Describe(block);
  trace.now = {Number(call), call.thread, call.stack, true};
  // A move is one call of the program's.
  const bool ends_move = deed == OperationTrace::Deed::kFrees &&
                         call.operation == Operation::kRemap;
  if (verbose_log_ && !ends_move) {
    Log(WordFor(deed), trace.block.begin, trace.block.size, call);
  }
  if (!watch_.is_on()) return;
  const NamedEvent now = watch_.Name(trace.now);
  trace.breaks = watch_.Breaks(now);
  const bool is_traced =
      trace.breaks || watch_.Traces(now, watch_.Name(trace.block.allocated));
  if (is_traced && host_.sink != nullptr) {
    base::ScopedClosedState program_may_run;
    host_.sink->OnTrace(trace);
  }
  if (trace.breaks && host_.trap != nullptr) host_.trap();
}

}  // namespace dbgalloc::debug
