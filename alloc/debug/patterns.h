// Byte patterns that memory is covered with and later compared against: the
// canary of redzones and the fills of fresh and freed bytes.
//
// Only the range given is changed; reading and writing also touch the rest of
// the aligned 8-byte word in which the range begins.
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
    return static_cast<uint8_t>(word_ >> (8 * (address % kWord)));
  }

  // Covers [begin, end).
  void Write(uintptr_t begin, uintptr_t end) const {
    if (begin >= end) return;
    uintptr_t at = begin & ~(kWord - 1);
    if (at != begin && at + kWord <= end) {
      uint64_t ours = ~uint64_t{0} << (8 * (begin - at));
      *WordAt(at) = (*WordAt(at) & ~ours) | (word_ & ours);
      at += kWord;
    }
    if (at < begin) return WriteBytes(begin, end);
    for (; at + kWord <= end; at += kWord) *WordAt(at) = word_;
    if (at != end) WriteBytes(at, end);
  }

  // Covers a block that begins at a multiple of 16 with at least `size` bytes,
  // rounded up to a multiple of 16.
  void Fill(uintptr_t begin, size_t size) const {
    if (size > kInlineFill) return FillMany(begin, size);
    for (uintptr_t at = begin; at < begin + size; at += 2 * kWord) {
      *WordAt(at) = word_;
      *WordAt(at + kWord) = word_;
    }
  }

  // Whether [begin, end) still is as Write left it.
  bool Holds(uintptr_t begin, uintptr_t end) const {
    if (begin >= end) return true;
    uintptr_t at = begin & ~(kWord - 1);
    uint64_t difference = 0;
    if (at != begin && at + kWord <= end) {
      difference = (*WordAt(at) ^ word_) >> (8 * (begin - at));
      at += kWord;
    }
    if (at < begin) return FindDifference(begin, end) == end;
    for (; at + 4 * kWord <= end; at += 4 * kWord) {
      difference |= (*WordAt(at) ^ word_) | (*WordAt(at + kWord) ^ word_) |
                    (*WordAt(at + 2 * kWord) ^ word_) |
                    (*WordAt(at + 3 * kWord) ^ word_);
    }
    for (; at + kWord <= end; at += kWord) difference |= *WordAt(at) ^ word_;
    if (at != end && FindDifference(at, end) != end) return false;
    return difference == 0;
  }

  // The first address in [begin, end) whose byte differs; `end`: none does.
  uintptr_t FindDifference(uintptr_t begin, uintptr_t end) const;
  // One behind the last address whose byte differs; `begin`: none does.
  uintptr_t FindLastDifference(uintptr_t begin, uintptr_t end) const;

 private:
  using Word [[gnu::may_alias]] = uint64_t;
  static constexpr uintptr_t kWord = sizeof(Word);
  static constexpr size_t kInlineFill = 256;

  static Word* WordAt(uintptr_t address) {
    return reinterpret_cast<Word*>(address);
  }
  void WriteBytes(uintptr_t begin, uintptr_t end) const;
  void FillMany(uintptr_t begin, size_t size) const;

  uint64_t word_ = 0;
};

}  // namespace dbgalloc::debug

#endif  // DBGALLOC_ALLOC_DEBUG_PATTERNS_H_
