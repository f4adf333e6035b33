#include "alloc/report/json_writer.h"

#include "alloc/report/utf8.h"

namespace dbgalloc::report {
namespace {

using std::string_view_literals::operator""sv;

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
