#include "alloc/report/json_writer.h"

namespace dbgalloc::report {
namespace {

using std::string_view_literals::operator""sv;

bool IsContinuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// How many bytes the character at the front takes by its first byte; 0: none
// begins like this.
size_t PromisedLength(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  if (first >= 0xf0 && first < 0xf5) return 4;
  return 0;
}

// The same, if the character is whole, of the shortest form, and no surrogate.
size_t CharacterLength(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const size_t length = PromisedLength(first);
  if (length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if (!IsContinuation(text[i])) return 0;
  }
  if (length < 3) return length;
  const auto second = static_cast<unsigned char>(text[1]);
  const bool is_wrong =
      (first == 0xe0 && second < 0xa0) || (first == 0xed && second >= 0xa0) ||
      (first == 0xf0 && second < 0x90) || (first == 0xf4 && second >= 0x90);
  return is_wrong ? 0 : length;
}

}  // namespace

JsonWriter& JsonWriter::Key(std::string_view name) {
  String(name);
  out_.Char(':');
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::String(std::string_view text) {
  BeginValue();
  out_.Char('"');
  Escaped(text);
  out_.Char('"');
  return *this;
}

JsonWriter& JsonWriter::Number(uint64_t value) {
  BeginValue();
  out_.Dec(value);
  return *this;
}

JsonWriter& JsonWriter::SignedNumber(int64_t value) {
  BeginValue();
  out_.SignedDec(value);
  return *this;
}

JsonWriter& JsonWriter::Bool(bool value) {
  BeginValue();
  out_.Text(value ? "true"sv : "false"sv);
  return *this;
}

JsonWriter& JsonWriter::Address(uint64_t value) {
  BeginValue();
  out_.Char('"').Hex(value).Char('"');
  return *this;
}

JsonWriter& JsonWriter::Bytes(const uint8_t* bytes, size_t count) {
  BeginValue();
  out_.Char('"');
  for (size_t i = 0; i < count; ++i) out_.HexByte(bytes[i]);
  out_.Char('"');
  return *this;
}

JsonWriter& JsonWriter::Member(std::string_view name, std::string_view text) {
  if (!text.empty()) Key(name).String(text);
  return *this;
}

void JsonWriter::OnPart(void* context, std::string_view text) {
  static_cast<JsonWriter*>(context)->Escaped(text);
}

JsonWriter& JsonWriter::Begin(char bracket) {
  BeginValue();
  out_.Char(bracket);
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::End(char bracket) {
  out_.Char(bracket);
  needs_comma_ = true;
  return *this;
}

void JsonWriter::BeginValue() {
  if (needs_comma_) out_.Char(',');
  needs_comma_ = true;
}

void JsonWriter::Escaped(std::string_view text) {
  while (!text.empty()) {
    const size_t length = CharacterLength(text);
    if (length == 0) {
      out_.Text("\\ufffd");
    } else if (length == 1) {
      EscapedCharacter(text[0]);
    } else {
      out_.Text(text.substr(0, length));
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
}

void JsonWriter::EscapedCharacter(char c) {
  if (c == '"' || c == '\\') {
    out_.Char('\\').Char(c);
  } else if (c == '\n') {
    out_.Text("\\n");
  } else if (c == '\t') {
    out_.Text("\\t");
  } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
    out_.Text("\\u00").HexByte(static_cast<uint8_t>(c));
  } else {
    out_.Char(c);
  }
}

}  // namespace dbgalloc::report
