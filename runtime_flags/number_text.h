// Numbers as option strings spell them. Apart from value_text.h, since a
// freestanding program reads these too.
#ifndef DBGALLOC_RUNTIME_FLAGS_NUMBER_TEXT_H_
#define DBGALLOC_RUNTIME_FLAGS_NUMBER_TEXT_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace dbgalloc::runtime_flags {

// Whether the digits are hexadecimal: "0x" and at least one more character.
bool HasHexPrefix(std::string_view text);

// Decimal or 0x digits without sign. Overflow is nullopt.
std::optional<uint64_t> ParseUnsigned(std::string_view text);

}  // namespace dbgalloc::runtime_flags

#endif  // DBGALLOC_RUNTIME_FLAGS_NUMBER_TEXT_H_
