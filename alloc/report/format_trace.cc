#include "alloc/report/format_trace.h"

#include <string_view>

#include "alloc/report/text_color.h"
#include "alloc/report/words.h"

namespace dbgalloc::report {
namespace {

using base::TextWriter;
using std::string_view_literals::operator""sv;

std::string_view Verb(OperationTrace::Deed deed) {
  switch (deed) {
    case OperationTrace::Deed::kAllocated:
      return ": allocated ";
    case OperationTrace::Deed::kResized:
      return ": resized to ";
    case OperationTrace::Deed::kMoved:
      return ": moved to ";
    case OperationTrace::Deed::kFrees:
      return ": frees ";
  }
  return ": used ";
}

// "malloc: allocated 24 bytes at 0x10".
void WriteDeed(TextWriter& out, const OperationTrace& trace) {
  const BlockDescription& block = trace.block;
  out.Text(FunctionName(trace.operation, block.origin)).Text(Verb(trace.deed));
  WriteCount(out, block.size, "byte", "bytes");
  out.Text(" at ").Hex(block.begin);
  if (block.allocated.known && block.allocated.number != trace.now.number) {
    out.Text(", allocated by operation ").Dec(block.allocated.number);
  }
}

}  // namespace

void FormatTextTrace(const OperationTrace& trace,
                     const Surroundings& surroundings, TextScratch& scratch,
                     TextWriter& out) {
  StackWriter stacks(surroundings, scratch, out);
  SetColor(out, surroundings.color, Color::kNote);
  out.Text("==").Dec(static_cast<uint64_t>(surroundings.process_id));
  out.Text("==NOTE: dbgalloc: ");
  out.Text(trace.breaks ? "break_at: "sv : "trace_alloc: "sv);
  WriteDeed(out, trace);
  out.Text(", ");
  stacks.WriteThread(trace.now.thread);
  SetColor(out, surroundings.color, Color::kNone);
  out.Char('\n');
  stacks.WriteFrames(trace.now.stack, /*blamed=*/false);
  stacks.WriteNames(trace.now.number, trace.now.stack);
  out.Flush();
}

}  // namespace dbgalloc::report
