#include "alloc/report/numbers_in_bytes.h"

namespace dbgalloc::report {
namespace {

// Larger ones are as likely to be anything else.
constexpr int64_t kLargestInteger = 1'000'000;
constexpr double kLargestFloat = 1e9;
constexpr double kSmallestFloat = 1e-3;
constexpr uint64_t kDecimals = 1'000'000;

double Magnitude(double value) { return value < 0 ? -value : value; }

bool IsLikelyInteger(const uint8_t* bytes, size_t width) {
  const int64_t value = SignedIntegerAt(bytes, width);
  return value >= -kLargestInteger && value <= kLargestInteger;
}

// Not a number is not above the smallest.
bool IsLikelyFloat(const uint8_t* bytes, size_t width) {
  const double magnitude = Magnitude(FloatAt(bytes, width));
  return magnitude >= kSmallestFloat && magnitude <= kLargestFloat;
}

template <typename Likely>
bool AllAre(const uint8_t* bytes, size_t size, size_t width,
            const Likely& likely) {
  if (size == 0 || size % width != 0) return false;
  for (size_t i = 0; i < size; i += width) {
    if (!likely(bytes + i, width)) return false;
  }
  return true;
}

}  // namespace

uint64_t IntegerAt(const uint8_t* bytes, size_t width) {
  uint64_t value = 0;
  for (size_t i = 0; i < width; ++i) value |= uint64_t{bytes[i]} << (8 * i);
  return value;
}

int64_t SignedIntegerAt(const uint8_t* bytes, size_t width) {
  const size_t unused = 64 - 8 * width;
  return static_cast<int64_t>(IntegerAt(bytes, width) << unused) >> unused;
}

double FloatAt(const uint8_t* bytes, size_t width) {
  const uint64_t bits = IntegerAt(bytes, width);
  if (width == sizeof(double)) return __builtin_bit_cast(double, bits);
  return static_cast<double>(
      __builtin_bit_cast(float, static_cast<uint32_t>(bits)));
}

// Words of eight bytes hold small numbers by zeros that four bytes would show
// as a number and a zero.
size_t WidthOfIntegers(const uint8_t* bytes, size_t size) {
  for (size_t width : {size_t{8}, size_t{4}}) {
    if (AllAre(bytes, size, width, IsLikelyInteger)) return width;
  }
  return size == 1 || size == 2 ? size : 0;
}

size_t WidthOfFloats(const uint8_t* bytes, size_t size) {
  for (size_t width : {size_t{8}, size_t{4}}) {
    if (AllAre(bytes, size, width, IsLikelyFloat)) return width;
  }
  return 0;
}

void WriteDecimal(base::TextWriter& out, double value) {
  if (value < 0) out.Char('-');
  const double magnitude = Magnitude(value);
  auto whole = static_cast<uint64_t>(magnitude);
  const double rest = magnitude - static_cast<double>(whole);
  auto decimals = static_cast<uint64_t>(rest * kDecimals + 0.5);
  whole += decimals / kDecimals;
  decimals %= kDecimals;
  out.Dec(whole);
  if (decimals == 0) return;
  out.Char('.');
  for (uint64_t digit = kDecimals / 10; decimals > 0; digit /= 10) {
    out.Dec(decimals / digit);
    decimals %= digit;
  }
}

}  // namespace dbgalloc::report
