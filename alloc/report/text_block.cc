#include "alloc/report/text_block.h"

#include "alloc/report/words.h"

namespace dbgalloc::report {
namespace {

using base::TextWriter;
using std::string_view_literals::operator""sv;

void WriteBlockEvent(TextWriter& out, std::string_view what,
                     const ErrorRecord& record, const HeapEvent& event) {
  if (!event.known) return;
  out.Text(what);
  WriteAge(out, record.now, event);
}

}  // namespace

void WriteBlockLine(TextWriter& out, const ErrorRecord& record) {
  const BlockDescription& block = record.block;
  if (!block.known) return;
  out.Text("block: [").Hex(block.begin).Text(", ");
  out.Hex(block.begin + block.size).Text("), ");
  WriteCount(out, block.size, "byte", "bytes");
  if (block.alignment > 1) out.Text(", alignment ").Dec(block.alignment);
  out.Text(", from ").Text(AllocationName(block.origin));
  out.Text(block.live ? ", live"sv : ", freed"sv);
  WriteBlockEvent(out, "; allocated", record, block.allocated);
  WriteBlockEvent(out, ", resized", record, block.resized);
  WriteBlockEvent(out, ", freed", record, block.freed);
  out.Char('\n');
}

}  // namespace dbgalloc::report
