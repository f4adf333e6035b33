#include "runtime_flags/option_lexer.h"

namespace dbgalloc::runtime_flags {
namespace {

// Bytes that no text holds. Those from 0x80 up may be UTF-8, and pass.
bool IsControlByte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < ' ' && !IsOptionSeparator(c)) || byte == 0x7f;
}

bool HoldsControlByte(std::string_view text) {
  for (char c : text) {
    if (IsControlByte(c)) return true;
  }
  return false;
}

}  // namespace

void OptionLexer::Advance() {
  if (Current() == '\n') ++line_;
  ++position_;
}

void OptionLexer::SkipLine() {
  while (!AtEnd() && Current() != '\n') Advance();
}

void OptionLexer::SkipSeparators() {
  while (!AtEnd()) {
    if (comments_ && Current() == '#') {
      SkipLine();
    } else if (IsOptionSeparator(Current())) {
      Advance();
    } else {
      return;
    }
  }
}

void OptionLexer::SkipToSeparator() {
  while (!AtEnd() && !IsOptionSeparator(Current())) Advance();
}

bool OptionLexer::AtListComma() const {
  if (Current() != ',' || position_ + 1 == text_.size()) return false;
  const char next = text_[position_ + 1];
  return next >= '0' && next <= '9';
}

LexResult OptionLexer::Next(OptionPair* pair) {
  SkipSeparators();
  *pair = OptionPair();
  pair->offset = position_;
  pair->line = line_;
  if (AtEnd()) return LexResult::kEnd;
  LexResult result = ReadPair(pair);
  if (result != LexResult::kPair) SkipToSeparator();
  pair->text = TextSince(pair->offset);
  if (HoldsControlByte(pair->text)) result = LexResult::kControlByte;
  return result;
}

LexResult OptionLexer::ReadPair(OptionPair* pair) {
  const size_t name_begin = position_;
  while (!AtEnd() && !IsOptionSeparator(Current()) && Current() != '=') {
    Advance();
  }
  pair->name = TextSince(name_begin);
  if (AtEnd() || Current() != '=') return LexResult::kNoEquals;
  if (pair->name.empty()) return LexResult::kNoName;
  Advance();
  if (!AtEnd() && (Current() == '\'' || Current() == '"')) {
    return ReadQuotedValue(pair);
  }
  const size_t value_begin = position_;
  while (!AtEnd() && (!IsOptionSeparator(Current()) || AtListComma())) {
    Advance();
  }
  pair->value = TextSince(value_begin);
  return LexResult::kPair;
}

LexResult OptionLexer::ReadQuotedValue(OptionPair* pair) {
  const char quote = Current();
  Advance();
  const size_t value_begin = position_;
  while (!AtEnd() && Current() != quote) Advance();
  if (AtEnd()) return LexResult::kOpenQuote;
  pair->value = TextSince(value_begin);
  Advance();
  if (AtEnd() || IsOptionSeparator(Current())) return LexResult::kPair;
  return LexResult::kTextAfterQuote;
}

}  // namespace dbgalloc::runtime_flags
