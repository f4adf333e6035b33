#include "alloc/report/format_json.h"

#include "alloc/report/error_kind.h"
#include "alloc/report/hint.h"
#include "alloc/report/json_stack.h"
#include "alloc/report/json_writer.h"
#include "alloc/report/parties.h"
#include "alloc/report/sarif_location.h"
#include "alloc/report/sentence.h"
#include "alloc/report/slugs.h"
#include "alloc/report/suppression_line.h"
#include "alloc/report/words.h"

namespace dbgalloc::report {
namespace {

using base::TextWriter;
using std::string_view_literals::operator""sv;

// Of docs/report_schema.md; raised when a reader must change.
constexpr uint64_t kSchemaVersion = 1;

template <typename WriteMessage>
void BeginReport(JsonWriter& json, std::string_view type, ErrorKind kind,
                 const Surroundings& surroundings,
                 const WriteMessage& write_message) {
  const bool note = InfoOf(kind).severity == Severity::kNote;
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

void WriteCall(JsonWriter& json, const ErrorRecord& record) {
  json.Member("operation"sv, OperationSlug(record.operation));
  json.Member("function"sv,
              FunctionName(record.operation, record.claimed_origin));
  json.Key("address").Address(record.address);
  json.Key("claimed").BeginObject();
  json.Member("origin"sv, OriginSlug(record.claimed_origin));
  json.Member("size", record.claimed_size);
  json.Member("alignment", record.claimed_alignment).EndObject();
}

void WriteParties(JsonWriter& json, JsonStacks& stacks,
                  const ErrorRecord& record) {
  const Parties parties = PartiesOf(record);
  json.Key("parties").BeginArray();
  for (size_t i = 0; i < parties.count; ++i) {
    stacks.WriteParty(parties.list[i], i == parties.blamed);
  }
  json.EndArray();
}

void WriteWhere(JsonWriter& json, const Surroundings& surroundings,
                const ErrorRecord& record) {
  if (record.kind != ErrorKind::kInvalidFree) return;
  if (surroundings.host == nullptr) return;
  char buffer[kMaxAddressName];
  TextWriter region(buffer, sizeof(buffer));
  if (!surroundings.host->NameAddress(record.address, region)) return;
  json.Member("where"sv, region.view());
}

void WriteInducedFailure(JsonWriter& json, const ErrorRecord& record) {
  if (record.kind != ErrorKind::kInducedFailure) return;
  json.Member("failure_index", record.failure_index);
  if (record.death_signal == 0) return;
  json.Key("death_signal").SignedNumber(record.death_signal);
}

int64_t Distance(uintptr_t from, uintptr_t to) {
  return static_cast<int64_t>(to - from);
}

void WriteBlock(JsonWriter& json, const ErrorRecord& record) {
  const BlockDescription& block = record.block;
  if (!block.known) return;
  json.Key("block").BeginObject().Key("begin").Address(block.begin);
  json.Member("size", block.size).Member("alignment", block.alignment);
  json.Member("origin"sv, OriginSlug(block.origin));
  json.Member("state"sv, block.live ? "live"sv : "freed"sv);
  json.Key("address_offset");
  json.SignedNumber(Distance(block.begin, record.address)).EndObject();
}

void WriteDamage(JsonWriter& json, const ErrorRecord& record) {
  const Damage& damage = record.damage;
  if (damage.size == 0) return;
  const size_t shown = damage.shown < kMaxDamage ? damage.shown : kMaxDamage;
  json.Key("damage").BeginObject().Key("begin").Address(damage.begin);
  json.Member("size", damage.size);
  if (record.block.known) {
    json.Key("block_offset");
    json.SignedNumber(Distance(record.block.begin, damage.begin));
  }
  json.Key("found").Bytes(damage.found, shown);
  json.Key("expected").Bytes(damage.expected, shown).EndObject();
}

void WriteLeakGroup(JsonWriter& json, JsonStacks& stacks,
                    const Surroundings& surroundings, const LeakGroup& group,
                    bool blamed, KeptFrame& top) {
  json.BeginObject().Member("bytes", group.bytes);
  json.Member("blocks", group.blocks);
  if (group.example.known) {
    json.Key("example").Address(group.example.begin);
    if (group.example.allocated.known) {
      stacks.WriteThread(group.example.allocated.thread);
    }
  }
  stacks.WriteNames(group.example.allocated.number, group.stack);
  stacks.WriteFrames(group.stack, blamed);
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
  BeginReport(json, "error", record.kind, surroundings,
              [&](TextWriter& text) { WriteSentence(text, record); });
  WriteCall(json, record);
  WriteParties(json, stacks, record);
  WriteWhere(json, surroundings, record);
  WriteBlock(json, record);
  WriteDamage(json, record);
  WriteInducedFailure(json, record);
  json.Member("hint"sv, HintFor(record));
  json.Member("rerun"sv, surroundings.rerun);
  WriteJsonSuppression(json, surroundings, record.kind, scratch.top);
  WriteJsonTop(json, scratch.top);
  EndReport(json, out);
}

void FormatJsonLeaks(const LeakReport& report, const Surroundings& surroundings,
                     TextScratch& scratch, TextWriter& out) {
  JsonWriter json(out);
  JsonStacks stacks(surroundings, scratch, json);
  BeginReport(json, "leaks", ErrorKind::kLeak, surroundings,
              [&](TextWriter& text) { WriteLeakSentence(text, report); });
  json.Member("operation"sv, OperationSlug(report.operation));
  json.Member("bytes", report.bytes).Member("blocks", report.blocks);
  json.Key("groups").BeginArray();
  for (size_t i = 0; i < report.group_count; ++i) {
    WriteLeakGroup(json, stacks, surroundings, report.groups[i], i == 0,
                   scratch.tops[0]);
  }
  json.EndArray();
  ErrorRecord leak;
  leak.kind = ErrorKind::kLeak;
  json.Member("hint"sv, HintFor(leak));
  json.Member("rerun"sv, surroundings.rerun);
  WriteJsonTop(json, scratch.top);
  EndReport(json, out);
}

void FormatJsonRepeat(const ErrorRecord& record, uint64_t times,
                      const Surroundings& surroundings, TextWriter& out) {
  JsonWriter json(out);
  BeginReport(json, "repeat", record.kind, surroundings,
              [&](TextWriter& text) { WriteSentence(text, record); });
  json.Member("times", times);
  EndReport(json, out);
}

}  // namespace dbgalloc::report
