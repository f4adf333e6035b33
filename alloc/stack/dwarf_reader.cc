#include "alloc/stack/dwarf_reader.h"

#include "alloc/stack/dwarf_constants.h"

namespace dbgalloc::stack {

uint64_t DwarfReader::Unsigned() {
  uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    const uint8_t byte = Fixed<uint8_t>();
    if (!ok_) return 0;
    if (shift < 64) value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return value;
  }
}

int64_t DwarfReader::Signed() {
  uint64_t value = 0;
  for (int shift = 0;;) {
    const uint8_t byte = Fixed<uint8_t>();
    if (!ok_) return 0;
    if (shift < 64) value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    shift += 7;
    if ((byte & 0x80) != 0) continue;
    const bool negative = (byte & 0x40) != 0;
    if (negative && shift < 64) value |= ~uint64_t{0} << shift;
    return static_cast<int64_t>(value);
  }
}

uintptr_t DwarfReader::Pointer(uint8_t encoding, uintptr_t data_base) {
  if (encoding == kPointerOmitted) return 0;
  const uintptr_t here = at_;
  uint64_t value = 0;
  switch (encoding & kPointerFormatMask) {
    case kPointerAbsolute:
      value = Fixed<uintptr_t>();
      break;
    case kPointerUnsigned8:
    case kPointerSigned8:
      value = Fixed<uint64_t>();
      break;
    case kPointerUleb:
      value = Unsigned();
      break;
    case kPointerSleb:
      value = static_cast<uint64_t>(Signed());
      break;
    case kPointerUnsigned2:
      value = Fixed<uint16_t>();
      break;
    case kPointerUnsigned4:
      value = Fixed<uint32_t>();
      break;
    case kPointerSigned2:
      value = static_cast<uint64_t>(int64_t{Fixed<int16_t>()});
      break;
    case kPointerSigned4:
      value = static_cast<uint64_t>(int64_t{Fixed<int32_t>()});
      break;
    default:
      Fail();
      return 0;
  }
  switch (encoding & kPointerBaseMask) {
    case kPointerFromZero:
      return static_cast<uintptr_t>(value);
    case kPointerFromHere:
      return static_cast<uintptr_t>(value) + here;
    case kPointerFromData:
      return static_cast<uintptr_t>(value) + data_base;
    default:
      Fail();
      return 0;
  }
}

const char* DwarfReader::String() {
  const void* zero =
      ok_ ? memchr(reinterpret_cast<const void*>(at_), 0, end_ - at_) : nullptr;
  if (zero == nullptr) {
    Fail();
    return nullptr;
  }
  const char* text = reinterpret_cast<const char*>(at_);
  at_ = reinterpret_cast<uintptr_t>(zero) + 1;
  return text;
}

}  // namespace dbgalloc::stack
