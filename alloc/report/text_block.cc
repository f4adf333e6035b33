#include "alloc/report/text_block.h"

#include "alloc/report/parties.h"
#include "alloc/report/words.h"

namespace dbgalloc::report {
namespace {

using base::TextWriter;
using std::string_view_literals::operator""sv;

// "; allocated 40 heap operations earlier (about 130 ms ago)".
void WriteBlockEvent(TextWriter& out, std::string_view what,
                     const HeapEvent& now, const HeapEvent& event) {
  if (!event.known) return;
  out.Text(what);
  WriteAge(out, now, event);
  if (!event.timed) return;
  WriteTimeAgo(out.Text(" ("), event);
  out.Char(')');
}

void WriteBlock(TextWriter& out, std::string_view label, const HeapEvent& now,
                const BlockDescription& block) {
  out.Text(label).Text(": [").Hex(block.begin).Text(", ");
  out.Hex(block.begin + block.size).Text("), ");
  WriteCount(out, block.size, "byte", "bytes");
  if (block.alignment > 1) out.Text(", alignment ").Dec(block.alignment);
  out.Text(", from ").Text(AllocationName(block.origin));
  if (block.tier != BlockTier::kNone) {
    out.Text(", ").Text(TierName(block.tier)).Text(" tier");
  }
  out.Text(block.live ? ", live"sv : ", freed"sv);
  WriteBlockEvent(out, "; allocated", now, block.allocated);
  WriteBlockEvent(out, ", resized", now, block.resized);
  WriteBlockEvent(out, ", freed", now, block.freed);
  out.Char('\n');
}

void WriteNeighbour(TextWriter& out, StackWriter& stacks,
                    std::string_view label, const HeapEvent& now,
                    const BlockDescription& block, Side side) {
  if (!block.known) return;
  WriteBlock(out, label, now, block);
  const Parties parties = PartiesOfNeighbour(block, side);
  for (size_t i = 0; i < parties.count; ++i) {
    stacks.WriteBystander(parties.list[i]);
  }
}

}  // namespace

void WriteBlockLine(TextWriter& out, const ErrorRecord& record) {
  if (!record.block.known) return;
  WriteBlock(out, "block", record.now, record.block);
}

void WriteNeighbours(TextWriter& out, StackWriter& stacks,
                     const ErrorRecord& record) {
  WriteNeighbour(out, stacks, "block before", record.now, record.before,
                 Side::kBefore);
  WriteNeighbour(out, stacks, "block after", record.now, record.after,
                 Side::kAfter);
}

}  // namespace dbgalloc::report
