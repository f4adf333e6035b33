// Writes JSON piece by piece, without memory of its own.
#ifndef DBGALLOC_ALLOC_REPORT_JSON_WRITER_H_
#define DBGALLOC_ALLOC_REPORT_JSON_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "alloc/base/text_writer.h"

namespace dbgalloc::report {

// Sets commas and quotes; that what was begun is ended, and that a value in an
// object has a key, is the caller's part. No line breaks: one value, one line.
//
//   JsonWriter json(out);
//   json.BeginObject().Key("size").Number(16).Member("name", text).EndObject();
//
// The output is valid UTF-8 whatever goes in: bytes that are not become U+FFFD.
class JsonWriter {
 public:
  explicit JsonWriter(base::TextWriter& out) : out_(out) {}
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;

  JsonWriter& BeginObject() { return Begin('{'); }
  JsonWriter& EndObject() { return End('}'); }
  JsonWriter& BeginArray() { return Begin('['); }
  JsonWriter& EndArray() { return End(']'); }

  JsonWriter& Key(std::string_view name);

  JsonWriter& String(std::string_view text);
  JsonWriter& Number(uint64_t value);
  JsonWriter& SignedNumber(int64_t value);
  JsonWriter& Bool(bool value);
  // A string "0x..": a number would lose digits in many readers.
  JsonWriter& Address(uint64_t value);
  // A string of two hexadecimal digits a byte.
  JsonWriter& Bytes(const uint8_t* bytes, size_t count);

  // A string of what `write` writes into the TextWriter that it is given.
  template <typename Write>
  JsonWriter& Built(const Write& write) {
    char buffer[128];
    base::TextWriter part(buffer, sizeof(buffer), &OnPart, this);
    BeginValue();
    out_.Char('"');
    write(part);
    part.Flush();
    out_.Char('"');
    return *this;
  }

  // A member that is left out when its text is empty.
  JsonWriter& Member(std::string_view name, std::string_view text);
  JsonWriter& Member(std::string_view name, uint64_t value) {
    return Key(name).Number(value);
  }

 private:
  static void OnPart(void* context, std::string_view text);

  JsonWriter& Begin(char bracket);
  JsonWriter& End(char bracket);
  void BeginValue();
  void Escaped(std::string_view text);
  void EscapedCharacter(char c);

  base::TextWriter& out_;
  bool needs_comma_ = false;
};

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_JSON_WRITER_H_
