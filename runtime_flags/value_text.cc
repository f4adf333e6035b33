#include "runtime_flags/value_text.h"

#include <algorithm>

#include "runtime_flags/number_text.h"
#include "runtime_flags/option_lexer.h"

namespace dbgalloc::runtime_flags {
namespace {

constexpr size_t kLongestQuotation = 100;

// How far left a suffix shifts; 0 for what is no suffix.
unsigned SuffixShift(char c) {
  switch (c) {
    case 'k':
    case 'K':
      return 10;
    case 'm':
    case 'M':
      return 20;
    case 'g':
    case 'G':
      return 30;
    case 't':
    case 'T':
      return 40;
    default:
      return 0;
  }
}

bool StandsBare(std::string_view text) {
  if (!text.empty() && (text[0] == '\'' || text[0] == '"')) return false;
  for (char c : text) {
    if (IsOptionSeparator(c)) return false;
  }
  return true;
}

}  // namespace

std::optional<bool> ParseBool(std::string_view text) {
  for (std::string_view yes : {"1", "true", "yes", "on"}) {
    if (text == yes) return true;
  }
  for (std::string_view no : {"0", "false", "no", "off"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

std::optional<int64_t> ParseSigned(std::string_view text) {
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) text.remove_prefix(1);
  const std::optional<uint64_t> magnitude = ParseUnsigned(text);
  const uint64_t limit = uint64_t{INT64_MAX} + (negative ? 1 : 0);
  if (!magnitude || *magnitude > limit) return std::nullopt;
  return static_cast<int64_t>(negative ? 0 - *magnitude : *magnitude);
}

std::optional<uint64_t> ParseSize(std::string_view text) {
  const unsigned shift = text.empty() ? 0 : SuffixShift(text.back());
  if (shift != 0) text.remove_suffix(1);
  const std::optional<uint64_t> count = ParseUnsigned(text);
  if (!count || *count > (uint64_t{SIZE_MAX} >> shift)) return std::nullopt;
  return *count << shift;
}

std::optional<double> ParseFraction(std::string_view text) {
  constexpr double kLargest = 1;
  double value = 0;
  double place = 1;
  bool behind_point = false;
  size_t digits = 0;
  for (char c : text) {
    if (c == '.' && !behind_point) {
      behind_point = true;
      continue;
    }
    if (c < '0' || c > '9') return std::nullopt;
    ++digits;
    const double digit = c - '0';
    if (behind_point) {
      place /= 10;
      value += digit * place;
    } else {
      value = value * 10 + digit;
    }
  }
  if (digits == 0 || value > kLargest) return std::nullopt;
  return value;
}

std::string_view TakeWord(std::string_view* words) {
  const size_t end = std::min(words->find('|'), words->size());
  const std::string_view word(words->data(), end);
  words->remove_prefix(std::min(end + 1, words->size()));
  return word;
}

std::optional<size_t> ParseWord(std::string_view word, std::string_view words) {
  for (size_t position = 0; !words.empty(); ++position) {
    if (TakeWord(&words) == word) return position;
  }
  return std::nullopt;
}

void WriteBool(bool value, base::TextWriter& out) {
  out.Char(value ? '1' : '0');
}

void WriteSize(uint64_t bytes, base::TextWriter& out) {
  constexpr std::string_view kSuffixes = "kmgt";
  size_t steps = 0;
  while (bytes != 0 && bytes % 1024 == 0 && steps < kSuffixes.size()) {
    bytes /= 1024;
    ++steps;
  }
  out.Dec(bytes);
  if (steps != 0) out.Char(kSuffixes[steps - 1]);
}

void WriteFraction(double value, base::TextWriter& out) {
  constexpr uint64_t kUnits = 1'000'000'000;
  const auto units = static_cast<uint64_t>(value * kUnits + 0.5);
  out.Dec(units / kUnits);
  uint64_t rest = units % kUnits;
  if (rest == 0) return;
  out.Char('.');
  for (uint64_t unit = kUnits / 10; rest != 0; unit /= 10) {
    out.Char(static_cast<char>('0' + rest / unit));
    rest %= unit;
  }
}

void WriteText(std::string_view text, base::TextWriter& out) {
  if (StandsBare(text)) {
    out.Text(text);
    return;
  }
  const char quote = text.find('"') == std::string_view::npos ? '"' : '\'';
  out.Char(quote).Text(text).Char(quote);
}

void WriteEscaped(std::string_view text, base::TextWriter& out) {
  for (char c : text) {
    if (c >= ' ' && c <= '~') {
      out.Char(c);
    } else {
      out.Text("\\x").HexByte(static_cast<uint8_t>(c));
    }
  }
}

void WriteQuotedForMessage(std::string_view text, base::TextWriter& out) {
  const size_t shown = std::min(text.size(), kLongestQuotation);
  out.Char('"');
  WriteEscaped({text.data(), shown}, out);
  out.Text(shown < text.size() ? "...\"" : "\"");
}

}  // namespace dbgalloc::runtime_flags
