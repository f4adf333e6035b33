#include "alloc/report/suppression_line.h"

#include "alloc/report/error_kind.h"
#include "alloc/report/words.h"

namespace dbgalloc::report {
namespace {

// A name that was cut is not tied to its end.
void WriteName(base::TextWriter& out, std::string_view name, bool is_whole) {
  out.Char('^');
  WriteForeign(out, name);
  if (is_whole) out.Char('$');
}

bool HasName(const KeptFrame& frame) {
  return frame.known &&
         !(frame.function.view().empty() && frame.file.view().empty() &&
           frame.module.view().empty());
}

}  // namespace

bool WriteSuppressionLine(base::TextWriter& out, ErrorKind kind,
                          const KeptFrame& frame) {
  if (!HasName(frame)) return false;
  const std::string_view function = frame.function.view();
  const std::string_view file = frame.file.view();
  const std::string_view module = frame.module.view();
  out.Text(InfoOf(kind).slug).Char(':');
  if (!function.empty()) {
    WriteName(out, function, frame.function.is_whole());
  } else if (!file.empty() && frame.line > 0 && frame.file.is_whole()) {
    WriteForeign(out.Char('^'), file);
    out.Char(':').Dec(static_cast<uint64_t>(frame.line));
  } else if (!file.empty()) {
    WriteName(out, file, frame.file.is_whole());
  } else {
    WriteName(out, module, frame.module.is_whole());
  }
  return true;
}

void WriteJsonSuppression(JsonWriter& json, const Surroundings& surroundings,
                          ErrorKind kind, const KeptFrame& frame) {
  if (!surroundings.shows_suppression || !HasName(frame)) return;
  json.Key("suppression").Built([&](base::TextWriter& out) {
    WriteSuppressionLine(out, kind, frame);
  });
}

}  // namespace dbgalloc::report
