#include "runtime_flags/number_text.h"

namespace dbgalloc::runtime_flags {
namespace {

// The digit's value, or 16 for anything else.
unsigned DigitValue(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return 16;
}

}  // namespace

bool HasHexPrefix(std::string_view text) {
  return text.size() > 2 && text[0] == '0' &&
         (text[1] == 'x' || text[1] == 'X');
}

std::optional<uint64_t> ParseUnsigned(std::string_view text) {
  unsigned radix = 10;
  if (HasHexPrefix(text)) {
    radix = 16;
    text.remove_prefix(2);
  }
  if (text.empty()) return std::nullopt;
  uint64_t value = 0;
  for (char c : text) {
    const unsigned digit = DigitValue(c);
    if (digit >= radix || value > (UINT64_MAX - digit) / radix) {
      return std::nullopt;
    }
    value = value * radix + digit;
  }
  return value;
}

}  // namespace dbgalloc::runtime_flags
