#include "alloc/report/format_sarif.h"

#include "alloc/report/error_kind.h"
#include "alloc/report/json_facts.h"
#include "alloc/report/json_stack.h"
#include "alloc/report/json_writer.h"
#include "alloc/report/parties.h"
#include "alloc/report/sarif_location.h"
#include "alloc/report/sarif_run.h"
#include "alloc/report/sentence.h"
#include "alloc/report/slugs.h"
#include "alloc/report/suppression_line.h"
#include "alloc/report/words.h"

namespace dbgalloc::report {
namespace {

using base::TextWriter;
using std::string_view_literals::operator""sv;

void WriteLocations(JsonWriter& json, const KeptFrame& top) {
  json.Key("locations").BeginArray();
  if (top.known) {
    json.BeginObject();
    WriteSarifPlace(json, top);
    json.EndObject();
  }
  json.EndArray();
}

// Works on the stacks of one error.
class ErrorResult {
 public:
  ErrorResult(const ErrorRecord& record, const Surroundings& surroundings,
              TextScratch& scratch, JsonWriter& json, TextWriter& out)
      : record_(record),
        surroundings_(surroundings),
        scratch_(scratch),
        tops_(scratch.tops),
        json_(json),
        out_(out),
        parties_(PartiesOf(record)) {}

  uint64_t fingerprint() const { return fingerprint_; }
  // Of the blamed party; not known when there is none.
  const KeptFrame& top() const { return tops_[parties_.blamed]; }

  void Write() {
    WriteMessage();
    WriteLocations(json_, top());
    WriteRelated();
    WriteCodeFlow();
    WriteStacks();
  }

 private:
  void FindTops() {
    for (size_t i = 0; i < parties_.count; ++i) {
      const Party& party = parties_.list[i];
      const uint64_t hash =
          FindTop(surroundings_, party.event.stack, party.from_fault, tops_[i]);
      if (i == parties_.blamed) fingerprint_ = hash;
    }
  }

  bool IsRelated(size_t i) const {
    return i != parties_.blamed && tops_[i].known;
  }

  // A flow without a location is none.
  bool HasPlace() const {
    for (size_t i = 0; i < parties_.count; ++i) {
      if (tops_[i].known) return true;
    }
    return false;
  }

  // The sentence, with a link to each related place: its id is its index + 1.
  // The sentence is out before anything is looked up that may crash.
  void WriteMessage() {
    json_.Key("message").BeginObject().Key("text");
    json_.Built([&](TextWriter& out) {
      WriteSentence(out, record_);
      out.Flush();
      out_.Flush();
      FindTops();
      for (size_t i = 0; i < parties_.count; ++i) {
        if (!IsRelated(i)) continue;
        out.Text("; [").Text(parties_.list[i].title).Text("](");
        out.Dec(i + 1).Char(')');
      }
    });
    json_.EndObject();
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
    if (parties_.count < 2 || !HasPlace()) return;
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
      WriteStack(party);
    }
    for (Side side : {Side::kBefore, Side::kAfter}) {
      const bool before = side == Side::kBefore;
      const Parties parties =
          PartiesOfNeighbour(before ? record_.before : record_.after, side);
      for (size_t i = 0; i < parties.count; ++i) WriteStack(parties.list[i]);
    }
    json_.EndArray();
  }

  void WriteStack(const Party& party) {
    WriteSarifStack(json_, surroundings_, scratch_, party.title, party.event,
                    party.from_fault);
  }

  const ErrorRecord& record_;
  const Surroundings& surroundings_;
  TextScratch& scratch_;
  KeptFrame (&tops_)[kMaxParties];
  JsonWriter& json_;
  TextWriter& out_;
  const Parties parties_;
  uint64_t fingerprint_ = 0;
};

void BeginResult(JsonWriter& json, ErrorKind kind, std::string_view level) {
  const ErrorKindInfo& info = InfoOf(kind);
  json.BeginObject().Member("ruleId"sv, info.slug);
  if (const auto index = static_cast<uint64_t>(kind);
      index > 0 && index < kErrorKindCount) {
    json.Member("ruleIndex", index - 1);
  }
  json.Member("level"sv, level);
}

void BeginResult(JsonWriter& json, ErrorKind kind) {
  const bool is_note = InfoOf(kind).severity == Severity::kNote;
  BeginResult(json, kind, is_note ? "note"sv : "error"sv);
}

// The name is the one that GitHub reads.
void WriteFingerprint(JsonWriter& json, ErrorKind kind, uint64_t fingerprint) {
  json.Key("partialFingerprints").BeginObject();
  json.Key("primaryLocationLineHash").Built([&](TextWriter& out) {
    out.Text(InfoOf(kind).slug).Char(':').Hex(fingerprint);
  });
  json.EndObject();
}

void BeginProperties(JsonWriter& json, const Surroundings& surroundings) {
  json.Key("properties").BeginObject();
  json.Member("pid", static_cast<uint64_t>(surroundings.process_id));
}

// "32 bytes in 1 block can no longer be reached, holding 8 bytes in 1 block
// more".
void WriteLeakMessage(JsonWriter& json, const LeakGroup& group,
                      const LeakReport& report) {
  json.Key("message").BeginObject().Key("text").Built([&](TextWriter& out) {
    LeakReport part;
    part.blocks = group.blocks;
    part.bytes = group.bytes;
    part.reach = report.reach;
    WriteLeakSentence(out, part);
    if (group.held) out.Text(": other such blocks alone hold them");
    if (!group.held && group.family_blocks > group.blocks) {
      WriteBytesInBlocks(out.Text(", holding "),
                         group.family_bytes - group.bytes,
                         group.family_blocks - group.blocks);
      out.Text(" more");
    }
  });
  json.EndObject();
}

void WriteLeakTotal(JsonWriter& json, const LeakReport& report) {
  json.Key("total").BeginObject().Member("stacks", report.group_count);
  WriteJsonLeakTotal(json, report);
  json.EndObject();
}

void WriteLeakGroup(JsonWriter& json, TextWriter& out,
                    const Surroundings& surroundings, TextScratch& scratch,
                    const LeakReport& report, const LeakGroup& group) {
  KeptFrame& top = scratch.tops[0];
  ErrorRecord leak;
  leak.kind = ErrorKind::kLeak;
  BeginResult(json, leak.kind,
              report.reach == LeakReach::kReachable ? "note"sv : "error"sv);
  WriteLeakMessage(json, group, report);
  out.Flush();
  const uint64_t hash = FindTop(surroundings, group.stack, false, top);
  WriteLocations(json, top);
  json.Key("stacks").BeginArray();
  HeapEvent allocated = group.example.allocated;
  allocated.stack = group.stack;
  WriteSarifStack(json, surroundings, scratch, "allocated", allocated, false);
  json.EndArray().Member("occurrenceCount", group.blocks);
  WriteFingerprint(json, leak.kind, hash);
  BeginProperties(json, surroundings);
  JsonStacks stacks(surroundings, scratch, json);
  stacks.LeaveFramesOut();
  WriteJsonLeakGroup(json, stacks, group, report.now, /*blamed=*/false);
  WriteLeakTotal(json, report);
  WriteJsonAdvice(json, leak, surroundings);
  WriteJsonSuppression(json, surroundings, leak.kind, top);
  json.EndObject().EndObject();
}

}  // namespace

void FormatSarifError(const ErrorRecord& record,
                      const Surroundings& surroundings, TextScratch& scratch,
                      TextWriter& out) {
  WriteSarifHead(out);
  JsonWriter json(out);
  ErrorResult result(record, surroundings, scratch, json, out);
  BeginResult(json, record.kind);
  result.Write();
  WriteFingerprint(json, record.kind, result.fingerprint());
  BeginProperties(json, surroundings);
  JsonStacks stacks(surroundings, scratch, json);
  stacks.LeaveFramesOut();
  WriteJsonFacts(json, stacks, record, surroundings);
  WriteJsonSuppression(json, surroundings, record.kind, result.top());
  json.EndObject().EndObject();
  out.Text(kSarifTail).Flush();
}

// The same error once more is a note with the number of times.
void FormatSarifRepeat(const ErrorRecord& record, uint64_t times,
                       const Surroundings& surroundings, TextScratch& scratch,
                       TextWriter& out) {
  WriteSarifHead(out);
  JsonWriter json(out);
  const Parties parties = PartiesOf(record);
  const Party& blamed = parties.list[parties.blamed];
  BeginResult(json, record.kind, "note");
  json.Key("message").BeginObject().Key("text").Built(
      [&](TextWriter& text) { WriteRepeatSentence(text, record, times); });
  json.EndObject();
  out.Flush();
  const uint64_t hash = FindTop(surroundings, blamed.event.stack,
                                blamed.from_fault, scratch.tops[0]);
  WriteLocations(json, scratch.tops[0]);
  json.Member("occurrenceCount", times);
  WriteFingerprint(json, record.kind, hash);
  BeginProperties(json, surroundings);
  json.EndObject().EndObject();
  out.Text(kSarifTail).Flush();
}

void FormatSarifLeaks(const LeakReport& report,
                      const Surroundings& surroundings, TextScratch& scratch,
                      TextWriter& out) {
  WriteSarifHead(out);
  JsonWriter json(out);
  for (size_t i = 0; i < report.group_count; ++i) {
    WriteLeakGroup(json, out, surroundings, scratch, report, report.groups[i]);
  }
  out.Text(kSarifTail).Flush();
}

}  // namespace dbgalloc::report
