// Values as option strings spell them, read and written. Pure functions over
// text: no locale, no allocation, nothing beyond 64-bit arithmetic.
//
// What is written here reads back as the same value; fractions, to nine digits.
#ifndef DBGALLOC_RUNTIME_FLAGS_VALUE_TEXT_H_
#define DBGALLOC_RUNTIME_FLAGS_VALUE_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "alloc/base/text_writer.h"

namespace dbgalloc::runtime_flags {

// 0, 1, true, false, yes, no, on, off.
std::optional<bool> ParseBool(std::string_view text);

// As ParseUnsigned() of number_text.h, with an optional minus sign.
std::optional<int64_t> ParseSigned(std::string_view text);

// As ParseUnsigned(), with an optional suffix k, m, g or t of either case:
// powers of 1024. Nullopt when the bytes do not fit a size_t.
std::optional<uint64_t> ParseSize(std::string_view text);

// Decimal digits with or without a point, from 0 to 1: "0.01", ".5", "1".
std::optional<double> ParseFraction(std::string_view text);

// Position of `word` in a list like "auto|fp|dwarf".
std::optional<size_t> ParseWord(std::string_view word, std::string_view words);

// The first word of `words`, which is cut off it. Empty at the end.
std::string_view TakeWord(std::string_view* words);

// 0 or 1.
void WriteBool(bool value, base::TextWriter& out);

// With the largest suffix that leaves a whole number: 131072 is 128k.
void WriteSize(uint64_t bytes, base::TextWriter& out);

// With up to nine digits behind the point: 0.01 is 0.01, 1 is 1.
void WriteFraction(double value, base::TextWriter& out);

// Bare where the grammar lets it stand bare, else in quotes.
void WriteText(std::string_view text, base::TextWriter& out);

// `text` with bytes that are not printable ASCII as \xNN.
void WriteEscaped(std::string_view text, base::TextWriter& out);

// Up to 100 bytes of `text` in double quotes, escaped: for messages about text
// of unknown origin.
void WriteQuotedForMessage(std::string_view text, base::TextWriter& out);

}  // namespace dbgalloc::runtime_flags

#endif  // DBGALLOC_RUNTIME_FLAGS_VALUE_TEXT_H_
