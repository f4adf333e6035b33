#include "alloc/report/format_address.h"

#include "alloc/report/parties.h"
#include "alloc/report/text_block.h"
#include "alloc/report/words.h"

namespace dbgalloc::report {
namespace {

using base::TextWriter;
using std::string_view_literals::operator""sv;

void WriteOutside(TextWriter& out, const Surroundings& surroundings,
                  uintptr_t address) {
  char buffer[kMaxAddressName];
  TextWriter region(buffer, sizeof(buffer));
  if (surroundings.host != nullptr &&
      surroundings.host->NameAddress(address, region)) {
    out.Text(region.view()).Text("; ");
  }
  out.Text("not in the heap");
}

void WriteFinding(TextWriter& out, const Surroundings& surroundings,
                  const AddressFinding& finding) {
  if (!finding.in_heap) {
    WriteOutside(out, surroundings, finding.address);
  } else if (!finding.block.known) {
    out.Text("in the heap, but in no block of which a record is left");
  } else {
    WritePlace(out, finding.address, finding.block);
    out.Text(finding.block.live ? ", live"sv : ", freed"sv);
  }
}

}  // namespace

void FormatTextAddress(const AddressFinding& finding,
                       const Surroundings& surroundings, TextScratch& scratch,
                       TextWriter& out) {
  out.Text("==").Dec(static_cast<uint64_t>(surroundings.process_id));
  out.Text("==dbgalloc: ").Hex(finding.address).Text(" is ");
  WriteFinding(out, surroundings, finding);
  out.Char('\n');
  if (finding.in_heap && finding.block.known) {
    ErrorRecord record;
    record.block = finding.block;
    StackWriter stacks(surroundings, scratch, out);
    const Parties parties = PartiesOf(record);
    for (size_t i = 0; i < parties.count; ++i) {
      stacks.WriteParty(parties.list[i], false);
    }
    WriteBlockLine(out, record);
  }
  out.Flush();
}

}  // namespace dbgalloc::report
