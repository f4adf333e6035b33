#include "alloc/report/format_sarif.h"

#include "alloc/report/error_kind.h"
#include "alloc/report/hint.h"
#include "alloc/report/json_writer.h"
#include "alloc/report/parties.h"
#include "alloc/report/sarif_location.h"
#include "alloc/report/sarif_run.h"
#include "alloc/report/sentence.h"
#include "alloc/report/suppression_line.h"
#include "alloc/report/words.h"

namespace dbgalloc::report {
namespace {

using base::TextWriter;
using std::string_view_literals::operator""sv;

// Works on the stacks of one error.
class ErrorResult {
 public:
  ErrorResult(const ErrorRecord& record, const Surroundings& surroundings,
              TextScratch& scratch, JsonWriter& json)
      : record_(record),
        surroundings_(surroundings),
        tops_(scratch.tops),
        json_(json),
        parties_(PartiesOf(record)) {
    for (size_t i = 0; i < parties_.count; ++i) {
      const Party& party = parties_.list[i];
      const uint64_t hash =
          FindTop(surroundings, party.event.stack, party.from_fault, tops_[i]);
      if (i == parties_.blamed) fingerprint_ = hash;
    }
  }

  uint64_t fingerprint() const { return fingerprint_; }
  // Of the blamed party.
  const KeptFrame& top() const { return tops_[parties_.blamed]; }

  void Write() {
    WriteMessage();
    WriteLocations();
    WriteRelated();
    WriteCodeFlow();
    WriteStacks();
  }

 private:
  bool IsRelated(size_t i) const {
    return i != parties_.blamed && tops_[i].known;
  }

  // The sentence, with a link to each related place: its id is its index + 1.
  void WriteMessage() {
    json_.Key("message").BeginObject().Key("text");
    json_.Built([&](TextWriter& out) {
      WriteSentence(out, record_);
      for (size_t i = 0; i < parties_.count; ++i) {
        if (!IsRelated(i)) continue;
        out.Text("; [").Text(parties_.list[i].title).Text("](");
        out.Dec(i + 1).Char(')');
      }
    });
    json_.EndObject();
  }

  void WriteLocations() {
    json_.Key("locations").BeginArray();
    if (parties_.count > 0 && tops_[parties_.blamed].known) {
      json_.BeginObject();
      WriteSarifPlace(json_, tops_[parties_.blamed]);
      json_.EndObject();
    }
    json_.EndArray();
  }

  void WriteTitledPlace(size_t i) {
    json_.Key("message").BeginObject();
    json_.Member("text"sv, parties_.list[i].title).EndObject();
    WriteSarifPlace(json_, tops_[i]);
  }

  void WriteRelated() {
    json_.Key("relatedLocations").BeginArray();
    for (size_t i = 0; i < parties_.count; ++i) {
      if (!IsRelated(i)) continue;
      json_.BeginObject().Member("id", uint64_t{i + 1});
      WriteTitledPlace(i);
      json_.EndObject();
    }
    json_.EndArray();
  }

  // The oldest event first.
  void WriteCodeFlow() {
    if (parties_.count < 2) return;
    json_.Key("codeFlows").BeginArray().BeginObject();
    json_.Key("threadFlows").BeginArray().BeginObject();
    json_.Key("locations").BeginArray();
    for (size_t i = parties_.count; i-- > 0;) {
      if (!tops_[i].known) continue;
      json_.BeginObject().Key("location").BeginObject();
      WriteTitledPlace(i);
      json_.EndObject().Member("executionOrder", parties_.list[i].event.number);
      json_.EndObject();
    }
    json_.EndArray().EndObject().EndArray().EndObject().EndArray();
  }

  void WriteStacks() {
    json_.Key("stacks").BeginArray();
    for (size_t i = 0; i < parties_.count; ++i) {
      const Party& party = parties_.list[i];
      WriteSarifStack(json_, surroundings_, party.title, party.event,
                      party.from_fault);
    }
    json_.EndArray();
  }

  const ErrorRecord& record_;
  const Surroundings& surroundings_;
  KeptFrame (&tops_)[kMaxParties];
  JsonWriter& json_;
  const Parties parties_;
  uint64_t fingerprint_ = 0;
};

void BeginResult(JsonWriter& json, ErrorKind kind) {
  const ErrorKindInfo& info = InfoOf(kind);
  const bool is_note = info.severity == Severity::kNote;
  json.BeginObject().Member("ruleId"sv, info.slug);
  if (const auto index = static_cast<uint64_t>(kind);
      index > 0 && index < kErrorKindCount) {
    json.Member("ruleIndex", index - 1);
  }
  json.Member("level"sv, is_note ? "note"sv : "error"sv);
}

// The name is the one that GitHub reads.
void EndResult(JsonWriter& json, const Surroundings& surroundings,
               const ErrorRecord& record, uint64_t fingerprint,
               const KeptFrame& top) {
  json.Key("partialFingerprints").BeginObject();
  json.Key("primaryLocationLineHash").Built([&](TextWriter& out) {
    out.Text(InfoOf(record.kind).slug).Char(':').Hex(fingerprint);
  });
  json.EndObject().Key("properties").BeginObject();
  json.Member("pid", static_cast<uint64_t>(surroundings.process_id));
  json.Member("hint"sv, HintFor(record));
  json.Member("rerun"sv, surroundings.rerun);
  WriteJsonSuppression(json, surroundings, record.kind, top);
  json.EndObject().EndObject();
}

void WriteLeakMessage(JsonWriter& json, const LeakGroup& group) {
  json.Key("message").BeginObject().Key("text").Built([&](TextWriter& out) {
    WriteCount(out, group.bytes, "byte", "bytes");
    out.Text(" in ");
    WriteCount(out, group.blocks, "block", "blocks");
    out.Text(group.blocks == 1 ? " was never freed"sv : " were never freed"sv);
  });
  json.EndObject();
}

void WriteLeakGroup(JsonWriter& json, const Surroundings& surroundings,
                    const LeakGroup& group, KeptFrame& top) {
  ErrorRecord leak;
  leak.kind = ErrorKind::kLeak;
  const uint64_t hash = FindTop(surroundings, group.stack, false, top);
  BeginResult(json, leak.kind);
  WriteLeakMessage(json, group);
  json.Key("locations").BeginArray();
  if (top.known) {
    json.BeginObject();
    WriteSarifPlace(json, top);
    json.EndObject();
  }
  json.EndArray().Key("stacks").BeginArray();
  HeapEvent allocated = group.example.allocated;
  allocated.stack = group.stack;
  WriteSarifStack(json, surroundings, "allocated", allocated, false);
  json.EndArray().Member("occurrenceCount", group.blocks);
  EndResult(json, surroundings, leak, hash, top);
}

}  // namespace

void FormatSarifError(const ErrorRecord& record,
                      const Surroundings& surroundings, TextScratch& scratch,
                      TextWriter& out) {
  WriteSarifHead(out);
  JsonWriter json(out);
  ErrorResult result(record, surroundings, scratch, json);
  BeginResult(json, record.kind);
  result.Write();
  EndResult(json, surroundings, record, result.fingerprint(), result.top());
  out.Text(kSarifTail).Flush();
}

void FormatSarifLeaks(const LeakReport& report,
                      const Surroundings& surroundings, TextScratch& scratch,
                      TextWriter& out) {
  WriteSarifHead(out);
  JsonWriter json(out);
  for (size_t i = 0; i < report.group_count; ++i) {
    WriteLeakGroup(json, surroundings, report.groups[i], scratch.tops[0]);
  }
  out.Text(kSarifTail).Flush();
}

}  // namespace dbgalloc::report
