#include "alloc/report/sarif_run.h"

#include "alloc/report/error_kind.h"
#include "alloc/report/hint.h"
#include "alloc/report/json_writer.h"

namespace dbgalloc::report {
namespace {

using std::string_view_literals::operator""sv;

// The weakness that a kind is an instance of: cwe.mitre.org. 0: none.
uint64_t WeaknessOf(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kDoubleFree:
      return 415;
    case ErrorKind::kInvalidFree:
      return 590;
    case ErrorKind::kInteriorFree:
      return 761;
    case ErrorKind::kSizeMismatch:
    case ErrorKind::kAlignmentMismatch:
    case ErrorKind::kFamilyMismatch:
      return 762;
    case ErrorKind::kHeapBufferOverflow:
      return 122;
    case ErrorKind::kHeapBufferUnderflow:
      return 124;
    case ErrorKind::kUseAfterFree:
    case ErrorKind::kWriteAfterFree:
      return 416;
    case ErrorKind::kLeak:
      return 401;
    case ErrorKind::kThreadMisuse:
      return 362;
    case ErrorKind::kMetadataCorruption:
      return 787;
    case ErrorKind::kSizeOverflow:
      return 190;
    default:
      return 0;
  }
}

void WriteText(JsonWriter& json, std::string_view name, std::string_view text) {
  json.Key(name).BeginObject().Member("text"sv, text).EndObject();
}

void WriteProperties(JsonWriter& json, ErrorKind kind, bool is_note) {
  json.Key("properties").BeginObject().Key("tags").BeginArray();
  json.String("memory");
  if (const uint64_t weakness = WeaknessOf(kind); weakness != 0) {
    json.Built([&](base::TextWriter& out) {
      out.Text("external/cwe/cwe-").Dec(weakness);
    });
  }
  json.EndArray().Member("precision"sv, "very-high"sv);
  json.Member("problem.severity"sv, is_note ? "recommendation"sv : "error"sv);
  json.EndObject();
}

void WriteRule(JsonWriter& json, ErrorKind kind) {
  const ErrorKindInfo& info = InfoOf(kind);
  const bool is_note = info.severity == Severity::kNote;
  ErrorRecord example;
  example.kind = kind;
  const std::string_view hint = HintFor(example);
  json.BeginObject().Member("id"sv, info.slug);
  WriteText(json, "shortDescription", info.summary);
  WriteText(json, "fullDescription", info.summary);
  WriteText(json, "help", hint.empty() ? info.summary : hint);
  json.Key("defaultConfiguration").BeginObject();
  json.Member("level"sv, is_note ? "note"sv : "error"sv).EndObject();
  WriteProperties(json, kind, is_note);
  json.EndObject();
}

}  // namespace

void WriteSarifHead(base::TextWriter& out) {
  JsonWriter json(out);
  json.BeginObject();
  json.Member("$schema"sv, "https://json.schemastore.org/sarif-2.1.0.json"sv);
  json.Member("version"sv, "2.1.0"sv).Key("runs").BeginArray().BeginObject();
  json.Key("tool").BeginObject().Key("driver").BeginObject();
  json.Member("name"sv, "dbgalloc"sv).Key("rules").BeginArray();
  for (size_t kind = 1; kind < kErrorKindCount; ++kind) {
    WriteRule(json, static_cast<ErrorKind>(kind));
  }
  json.EndArray().EndObject().EndObject();
  json.Member("columnKind"sv, "unicodeCodePoints"sv);
  out.Char(',').Text(kSarifHeadEnd);
}

}  // namespace dbgalloc::report
