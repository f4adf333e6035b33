// Byte patterns that memory is covered with and later compared against: the
// canary of redzones and the fills of fresh and freed bytes.
//
// Only the range given is written; reading also touches the rest of the aligned
// 8-byte word in which the range begins.
#ifndef DBGALLOC_ALLOC_DEBUG_PATTERNS_H_
#define DBGALLOC_ALLOC_DEBUG_PATTERNS_H_

#include <cstddef>
#include <cstdint>

namespace dbgalloc::debug {

// Eight bytes repeated over memory, the first of them at addresses that are
// multiples of 8; so any part of a range can be checked alone.
class Pattern {
 public:
  constexpr Pattern() = default;
  constexpr explicit Pattern(uint64_t word) : word_(word) {}
  static constexpr Pattern OfByte(uint8_t byte) {
    return Pattern(byte * uint64_t{0x0101010101010101});
  }

  // What belongs at an address.
  uint8_t ByteAt(uintptr_t address) const {
    return static_cast<uint8_t>(word_ >> (8 * (address & 7)));
  }

  // Covers [begin, end).
  void Write(uintptr_t begin, uintptr_t end) const;

  // Whether [begin, end) still is as Write left it.
  bool Holds(uintptr_t begin, uintptr_t end) const {
    if (begin >= end) return true;
    return FindDifference(begin, end) == end;
  }

  // The first address in [begin, end) whose byte differs; `end`: none does.
  uintptr_t FindDifference(uintptr_t begin, uintptr_t end) const;
  // One behind the last address whose byte differs; `begin`: none does.
  uintptr_t FindLastDifference(uintptr_t begin, uintptr_t end) const;

 private:
  uint64_t word_ = 0;
};

}  // namespace dbgalloc::debug

#endif  // DBGALLOC_ALLOC_DEBUG_PATTERNS_H_
