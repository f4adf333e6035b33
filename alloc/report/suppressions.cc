#include "alloc/report/suppressions.h"

#include "alloc/report/error_kind.h"
#include "alloc/report/name_pattern.h"
#include "alloc/report/words.h"
#include "runtime_flags/nearest_name.h"

namespace dbgalloc::report {
namespace {

using base::TextWriter;
using Reason = SuppressionMistake::Reason;

constexpr std::string_view kBlanks = " \t\r\v\f";

std::string_view Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  const size_t last = text.find_last_not_of(kBlanks);
  return {text.data() + first, last - first + 1};
}

// Takes the first line off a text.
std::string_view TakeLine(std::string_view& text) {
  const size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

bool HasControlByte(std::string_view text) {
  for (char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 && c != '\t') return true;
  }
  return false;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// "list.cc:12": the line must end there, or :12 would cover :120 too.
bool EndsWithLineNumber(std::string_view pattern) {
  const size_t colon = pattern.rfind(':');
  if (colon == std::string_view::npos || colon + 1 == pattern.size()) {
    return false;
  }
  for (size_t i = colon + 1; i < pattern.size(); ++i) {
    if (!IsDigit(pattern[i])) return false;
  }
  return true;
}

bool MatchesPosition(std::string_view pattern, const FrameDescription& frame) {
  if (frame.file.empty() || frame.line <= 0) return false;
  if (pattern.find(':') == std::string_view::npos) return false;
  char position[1024];
  TextWriter out(position, sizeof(position));
  out.Text(frame.file).Char(':').Dec(static_cast<uint64_t>(frame.line));
  if (!EndsWithLineNumber(pattern)) return MatchesPattern(pattern, out.view());
  char tied[1024];
  TextWriter tied_out(tied, sizeof(tied));
  tied_out.Text(pattern).Char('$');
  return MatchesPattern(tied_out.view(), out.view());
}

bool Covers(std::string_view pattern, const FrameDescription& frame) {
  return MatchesPattern(pattern, frame.function) ||
         MatchesPattern(pattern, frame.file) ||
         MatchesPosition(pattern, frame) ||
         MatchesPattern(pattern, frame.module);
}

// What is wrong with a line that is not empty; false: nothing.
bool ReadRule(std::string_view line, Suppression* rule,
              SuppressionMistake* mistake) {
  mistake->text = line;
  if (HasControlByte(line)) {
    mistake->reason = Reason::kControlByte;
    return false;
  }
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) {
    mistake->reason = Reason::kNoColon;
    return false;
  }
  const std::string_view kind = Trimmed(line.substr(0, colon));
  rule->kind = ErrorKindFromSlug(kind);
  if (rule->kind == ErrorKind::kNone) {
    mistake->reason = Reason::kUnknownKind;
    mistake->text = kind;
    return false;
  }
  rule->pattern = Trimmed({line.data() + colon + 1, line.size() - colon - 1});
  mistake->reason = Reason::kNoPattern;
  return !rule->pattern.empty();
}

void WriteUnknownKind(std::string_view kind, TextWriter& out) {
  out.Char('"');
  WriteForeign(out, kind.substr(0, 64));
  out.Text("\" is no kind of error");
  runtime_flags::NearestSearch search(kind);
  for (size_t i = 1; i < kErrorKindCount; ++i) {
    search.Consider(InfoOf(static_cast<ErrorKind>(i)).slug);
  }
  if (search.close()) out.Text("; did you mean ").Text(search.nearest());
  if (search.close()) out.Char('?');
}

}  // namespace

void WriteSuppressionMistake(const SuppressionMistake& mistake,
                             TextWriter& out) {
  out.Text("line ").Dec(mistake.line).Text(": ");
  if (mistake.reason == Reason::kUnknownKind) {
    WriteUnknownKind(mistake.text, out);
    return;
  }
  out.Char('"');
  WriteForeign(out, mistake.text.substr(0, 200));
  switch (mistake.reason) {
    case Reason::kNoColon:
      out.Text("\" has no colon; a rule is KIND:PATTERN");
      return;
    case Reason::kNoPattern:
      out.Text("\" has no pattern behind the colon; a rule is KIND:PATTERN");
      return;
    case Reason::kControlByte:
      out.Text("\" has a control character in it");
      return;
    case Reason::kTooManyRules:
      out.Text("\" is one rule more than there is memory for");
      return;
    case Reason::kUnknownKind:
      break;
  }
}

size_t SuppressionRules::MostRules(std::string_view text) {
  size_t lines = 1;
  for (char c : text) lines += c == '\n' ? 1 : 0;
  return lines;
}

bool SuppressionRules::Parse(std::string_view text, Suppression* room,
                             size_t capacity, SuppressionMistake* mistake) {
  *this = {};
  size_t count = 0;
  for (uint32_t number = 1; !text.empty(); ++number) {
    const std::string_view line = Trimmed(TakeLine(text));
    if (line.empty() || line.front() == '#') continue;
    Suppression rule;
    rule.line = mistake->line = number;
    if (!ReadRule(line, &rule, mistake)) return false;
    if (count == capacity) {
      mistake->reason = Reason::kTooManyRules;
      return false;
    }
    room[count++] = rule;
  }
  rules_ = room;
  size_ = count;
  return true;
}

bool SuppressionRules::Concern(ErrorKind kind) const {
  for (size_t i = 0; i < size_; ++i) {
    if (rules_[i].kind == kind) return true;
  }
  return false;
}

Suppression* SuppressionRules::Find(ErrorKind kind,
                                    const FrameDescription& frame) {
  for (Suppression& rule : *this) {
    if (rule.kind == kind && Covers(rule.pattern, frame)) return &rule;
  }
  return nullptr;
}

}  // namespace dbgalloc::report
