#include "alloc/report/format_text.h"

#include "alloc/report/error_kind.h"
#include "alloc/report/hint.h"
#include "alloc/report/parties.h"
#include "alloc/report/sarif_location.h"
#include "alloc/report/sentence.h"
#include "alloc/report/suppression_line.h"
#include "alloc/report/text_block.h"
#include "alloc/report/text_color.h"
#include "alloc/report/text_damage.h"
#include "alloc/report/words.h"

namespace dbgalloc::report {
namespace {

using base::TextWriter;
using std::string_view_literals::operator""sv;

bool IsNote(ErrorKind kind) { return InfoOf(kind).severity == Severity::kNote; }

// "==12==ERROR: dbgalloc: "; the kind and the sentence follow.
void BeginFirstLine(TextWriter& out, const Surroundings& surroundings,
                    std::string_view severity, Color color) {
  SetColor(out, surroundings.color, color);
  out.Text("==").Dec(static_cast<uint64_t>(surroundings.process_id));
  out.Text(severity).Text("dbgalloc: ");
}

void EndFirstLine(TextWriter& out, const Surroundings& surroundings) {
  SetColor(out, surroundings.color, Color::kNone);
  out.Char('\n');
  out.Flush();
}

// What a pointer is that the heap never handed out.
void WriteWhere(TextWriter& out, const Surroundings& surroundings,
                const ErrorRecord& record) {
  if (record.kind != ErrorKind::kInvalidFree) return;
  if (surroundings.host == nullptr) return;
  char buffer[kMaxAddressName];
  TextWriter region(buffer, sizeof(buffer));
  if (!surroundings.host->NameAddress(record.address, region)) return;
  out.Text("where: ").Hex(record.address).Text(" is ").Text(region.view());
  out.Char('\n');
}

void WriteLabelled(TextWriter& out, std::string_view label,
                   std::string_view text) {
  if (!text.empty()) out.Text(label).Text(text).Char('\n');
}

// A comment and rules: ready to be pasted into a file of suppressions.
void WriteSuppression(TextWriter& out, ErrorKind kind, const KeptFrame& frame) {
  if (WriteSuppressionLine(out, kind, frame)) out.Char('\n');
}

constexpr std::string_view kSuppressionTitle = "# what would suppress this:\n";

void WriteSummary(TextWriter& out, ErrorKind kind, const KeptFrame& top) {
  out.Text("SUMMARY: dbgalloc: ").Text(InfoOf(kind).slug).Char(' ');
  WriteTopFrame(out, top);
  out.Char('\n');
}

// "src/list.cc:42:3: error: leak: "; the rest of the line follows. Where no
// file is known the line begins as a compiler's own messages do.
void BeginCompilerLine(TextWriter& out, ErrorKind kind, const KeptFrame& top) {
  if (top.known && !top.file.view().empty() && top.line > 0) {
    WriteForeign(out, top.file.view());
    out.Char(':').Dec(static_cast<uint64_t>(top.line)).Char(':');
    out.Dec(top.column > 0 ? static_cast<uint64_t>(top.column) : 1);
  } else {
    out.Text("dbgalloc");
  }
  out.Text(": error: ").Text(InfoOf(kind).slug).Text(": ");
}

void WriteLeakGroup(TextWriter& out, StackWriter& stacks,
                    const Surroundings& surroundings, std::string_view title,
                    const LeakGroup& group, bool blamed) {
  SetColor(out, surroundings.color, Color::kTitle);
  out.Text(group.held ? "held by these: "sv : title);
  WriteBytesInBlocks(out, group.bytes, group.blocks);
  if (group.example.known) {
    out.Text(group.blocks == 1 ? ", at "sv : ", one of them at "sv);
    out.Hex(group.example.begin);
    if (group.example.tier != BlockTier::kNone) {
      out.Text(" in the ").Text(TierName(group.example.tier)).Text(" tier");
    }
  }
  if (!group.held && group.family_blocks > group.blocks) {
    out.Text(group.blocks == 1 ? ", holding "sv : ", together holding "sv);
    WriteBytesInBlocks(out, group.family_bytes - group.bytes,
                       group.family_blocks - group.blocks);
    out.Text(" more");
  }
  out.Text("; allocated");
  if (group.example.known && group.example.allocated.known) {
    out.Text(", ");
    stacks.WriteThread(group.example.allocated.thread);
  }
  SetColor(out, surroundings.color, Color::kNone);
  out.Char('\n');
  stacks.WriteFrames(group.stack, blamed);
  stacks.WriteTimedNames(group.example.allocated, group.stack);
}

// Groups of one function that follow each other need one line.
void WriteLeakSuppressions(TextWriter& out, const LeakReport& report,
                           const Surroundings& surroundings,
                           TextScratch& scratch) {
  out.Text(kSuppressionTitle);
  for (size_t i = 0; i < report.group_count; ++i) {
    KeptFrame& top = scratch.tops[i % 2];
    const KeptFrame& before = scratch.tops[(i + 1) % 2];
    FindTop(surroundings, report.groups[i].stack, /*from_fault=*/false, top);
    const std::string_view function = top.function.view();
    const bool again = i > 0 && top.known && before.known &&
                       !function.empty() && function == before.function.view();
    if (!again) WriteSuppression(out, ErrorKind::kLeak, top);
  }
}

void WriteLeakTotal(TextWriter& out, const LeakReport& report) {
  out.Text("total: ");
  WriteBytesInBlocks(out, report.bytes, report.blocks);
  out.Text(" from ");
  WriteCount(out, report.group_count, "stack", "stacks");
  if (report.held_blocks != 0) {
    WriteBytesInBlocks(out.Text(", "), report.held_bytes, report.held_blocks);
    out.Text(" of them held by others");
  }
  if (report.region[0] != '\0') {
    out.Text(", allocated in the region \"").Text(report.region).Char('"');
  }
  if (report.now.known) out.Text(", ").Text(FoundAt(report.operation));
  out.Char('\n');
}

}  // namespace

void FormatTextError(const ErrorRecord& record,
                     const Surroundings& surroundings, TextScratch& scratch,
                     TextWriter& out) {
  const bool note = IsNote(record.kind);
  BeginFirstLine(out, surroundings, note ? "==NOTE: "sv : "==ERROR: "sv,
                 note ? Color::kNote : Color::kError);
  WriteSentence(out.Text(InfoOf(record.kind).slug).Text(": "), record);
  EndFirstLine(out, surroundings);

  StackWriter stacks(surroundings, scratch, out);
  const Parties parties = PartiesOf(record);
  for (size_t i = 0; i < parties.count; ++i) {
    stacks.WriteParty(parties.list[i], i == parties.blamed);
  }
  WriteWhere(out, surroundings, record);
  WriteBlockLine(out, record);
  WriteDamage(out, record);
  WriteLooks(out, record, surroundings);
  WriteMemory(out, record);
  WriteNeighbours(out, stacks, record);
  WriteLabelled(out, "hint: ", HintFor(record));
  if (surroundings.shows_suppression && scratch.top.known) {
    WriteSuppression(out.Text(kSuppressionTitle), record.kind, scratch.top);
  }
  if (!note) {
    WriteLabelled(out, "rerun: ", surroundings.rerun);
    WriteSummary(out, record.kind, scratch.top);
    BeginCompilerLine(out, record.kind, scratch.top);
    WriteSentence(out, record);
    out.Text(" [dbgalloc]\n");
  }
  out.Flush();
}

void FormatTextLeaks(const LeakReport& report, const Surroundings& surroundings,
                     TextScratch& scratch, TextWriter& out) {
  const bool leaked = report.reach != LeakReach::kReachable;
  BeginFirstLine(out, surroundings, leaked ? "==ERROR: "sv : "==NOTE: "sv,
                 leaked ? Color::kError : Color::kNote);
  out.Text(leaked ? InfoOf(ErrorKind::kLeak).slug : "still reachable"sv);
  WriteLeakSentence(out.Text(": "), report);
  EndFirstLine(out, surroundings);

  StackWriter stacks(surroundings, scratch, out);
  for (size_t i = 0; i < report.group_count; ++i) {
    WriteLeakGroup(out, stacks, surroundings,
                   leaked ? "leaked "sv : "still reachable: "sv,
                   report.groups[i], i == 0);
  }
  if (!leaked) {
    WriteLeakTotal(out, report);
    out.Flush();
    return;
  }
  ErrorRecord leak;
  leak.kind = ErrorKind::kLeak;
  WriteLabelled(out, "hint: ", HintFor(leak));
  if (surroundings.shows_suppression) {
    WriteLeakSuppressions(out, report, surroundings, scratch);
  }
  WriteLabelled(out, "rerun: ", surroundings.rerun);
  WriteLabelled(out, "scan: ", report.scan);
  WriteLeakTotal(out, report);
  WriteSummary(out, ErrorKind::kLeak, scratch.top);
  BeginCompilerLine(out, ErrorKind::kLeak, scratch.top);
  WriteLeakSentence(out, report);
  out.Text(" [dbgalloc]\n");
  out.Flush();
}

void FormatTextRepeat(const ErrorRecord& record, uint64_t times,
                      const Surroundings& surroundings, TextScratch&,
                      TextWriter& out) {
  out.Text("==").Dec(static_cast<uint64_t>(surroundings.process_id));
  out.Text("==NOTE: dbgalloc: ").Text(InfoOf(record.kind).slug);
  WriteRepeatSentence(out.Text(": "), record, times);
  out.Char('\n').Flush();
}

}  // namespace dbgalloc::report
