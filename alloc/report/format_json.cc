#include "alloc/report/format_json.h"

#include "alloc/report/error_kind.h"
#include "alloc/report/json_facts.h"
#include "alloc/report/json_stack.h"
#include "alloc/report/json_writer.h"
#include "alloc/report/parties.h"
#include "alloc/report/sarif_location.h"
#include "alloc/report/sentence.h"
#include "alloc/report/suppression_line.h"

namespace dbgalloc::report {
namespace {

using base::TextWriter;
using std::string_view_literals::operator""sv;

// Of docs/report_schema.md; raised when a reader must change.
constexpr uint64_t kSchemaVersion = 1;

bool IsNote(ErrorKind kind) { return InfoOf(kind).severity == Severity::kNote; }

template <typename WriteMessage>
void BeginReport(JsonWriter& json, std::string_view type, ErrorKind kind,
                 bool note, const Surroundings& surroundings,
                 const WriteMessage& write_message) {
  json.BeginObject().Member("schema", kSchemaVersion);
  json.Member("tool"sv, "dbgalloc"sv).Member("type"sv, type);
  json.Member("pid", static_cast<uint64_t>(surroundings.process_id));
  json.Member("kind"sv, InfoOf(kind).slug);
  json.Member("severity"sv, note ? "note"sv : "error"sv);
  json.Key("message").Built(write_message);
}

void EndReport(JsonWriter& json, TextWriter& out) {
  json.EndObject();
  out.Char('\n').Flush();
}

void WriteLeakGroup(JsonWriter& json, JsonStacks& stacks,
                    const Surroundings& surroundings, const HeapEvent& now,
                    const LeakGroup& group, bool blamed, KeptFrame& top) {
  json.BeginObject();
  WriteJsonLeakGroup(json, stacks, group, now, blamed);
  if (surroundings.shows_suppression) {
    FindTop(surroundings, group.stack, /*from_fault=*/false, top);
    WriteJsonSuppression(json, surroundings, ErrorKind::kLeak, top);
  }
  json.EndObject();
}

}  // namespace

void FormatJsonError(const ErrorRecord& record,
                     const Surroundings& surroundings, TextScratch& scratch,
                     TextWriter& out) {
  JsonWriter json(out);
  JsonStacks stacks(surroundings, scratch, json);
  BeginReport(json, "error", record.kind, IsNote(record.kind), surroundings,
              [&](TextWriter& text) { WriteSentence(text, record); });
  // What is still to come may crash on what it looks up.
  out.Flush();
  WriteJsonFacts(json, stacks, record, surroundings);
  WriteJsonSuppression(json, surroundings, record.kind, scratch.top);
  WriteJsonTop(json, scratch.top);
  EndReport(json, out);
}

void FormatJsonLeaks(const LeakReport& report, const Surroundings& surroundings,
                     TextScratch& scratch, TextWriter& out) {
  JsonWriter json(out);
  JsonStacks stacks(surroundings, scratch, json);
  const bool reachable = report.reach == LeakReach::kReachable;
  BeginReport(json, "leaks", ErrorKind::kLeak, reachable, surroundings,
              [&](TextWriter& text) { WriteLeakSentence(text, report); });
  out.Flush();
  WriteJsonLeakTotal(json, report);
  json.Key("groups").BeginArray();
  for (size_t i = 0; i < report.group_count; ++i) {
    WriteLeakGroup(json, stacks, surroundings, report.now, report.groups[i],
                   i == 0, scratch.tops[0]);
  }
  json.EndArray();
  if (!reachable) {
    ErrorRecord leak;
    leak.kind = ErrorKind::kLeak;
    WriteJsonAdvice(json, leak, surroundings);
  }
  WriteJsonTop(json, scratch.top);
  EndReport(json, out);
}

void FormatJsonRepeat(const ErrorRecord& record, uint64_t times,
                      const Surroundings& surroundings, TextScratch&,
                      TextWriter& out) {
  JsonWriter json(out);
  BeginReport(json, "repeat", record.kind, IsNote(record.kind), surroundings,
              [&](TextWriter& text) { WriteSentence(text, record); });
  json.Member("times", times);
  EndReport(json, out);
}

}  // namespace dbgalloc::report
