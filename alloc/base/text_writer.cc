#include "alloc/base/text_writer.h"

namespace dbgalloc::base {
namespace {

constexpr char kDigits[] = "0123456789abcdef";

// Digits of a 64-bit number in base 10 or 16, right-aligned in the array.
struct Digits {
  char text[20];
  int begin = 20;

  void Write(uint64_t value, uint64_t radix) {
    do {
      text[--begin] = kDigits[value % radix];
      value /= radix;
    } while (value != 0);
  }
  int size() const { return 20 - begin; }
  std::string_view view() const {
    return {text + begin, static_cast<size_t>(size())};
  }
};

}  // namespace

TextWriter& TextWriter::Char(char c) {
  if (size_ == capacity_) Flush();
  if (size_ == capacity_) {
    truncated_ = true;
    return *this;
  }
  buffer_[size_++] = c;
  return *this;
}

TextWriter& TextWriter::Text(std::string_view text) {
  for (char c : text) Char(c);
  return *this;
}

TextWriter& TextWriter::Dec(uint64_t value) { return PaddedDec(value, 0); }

TextWriter& TextWriter::SignedDec(int64_t value) {
  if (value >= 0) return Dec(static_cast<uint64_t>(value));
  return Char('-').Dec(0 - static_cast<uint64_t>(value));
}

TextWriter& TextWriter::Hex(uint64_t value, int min_digits) {
  Digits digits;
  digits.Write(value, 16);
  Text("0x");
  if (min_digits > digits.size()) {
    Repeat('0', static_cast<size_t>(min_digits - digits.size()));
  }
  return Text(digits.view());
}

TextWriter& TextWriter::HexByte(uint8_t value) {
  return Char(kDigits[value >> 4]).Char(kDigits[value & 15]);
}

TextWriter& TextWriter::PaddedDec(uint64_t value, int width) {
  Digits digits;
  digits.Write(value, 10);
  if (width > digits.size()) {
    Repeat(' ', static_cast<size_t>(width - digits.size()));
  }
  return Text(digits.view());
}

TextWriter& TextWriter::Repeat(char c, size_t count) {
  for (size_t i = 0; i < count; ++i) Char(c);
  return *this;
}

void TextWriter::Flush() {
  if (flush_ == nullptr || size_ == 0) return;
  flush_(context_, view());
  size_ = 0;
}

}  // namespace dbgalloc::base
