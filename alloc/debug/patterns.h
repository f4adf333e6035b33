// Byte patterns that memory is covered with and later compared against: the
// canary of redzones and the fills of fresh and freed bytes.
//
// Only the range given is changed; reading and writing also touch the rest of
// the aligned 8-byte word in which the range begins.
#ifndef DBGALLOC_ALLOC_DEBUG_PATTERNS_H_
#define DBGALLOC_ALLOC_DEBUG_PATTERNS_H_

#include <cstddef>
#include <cstdint>

// On functions that may read bytes which another thread is writing: what they
// find there is looked at again before it counts. ThreadSanitizer is told.
#define DBGALLOC_READS_MEANWHILE __attribute__((no_sanitize("thread")))

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
    if (__builtin_expect((begin | end) % kWord != 0, 0)) {
      return WriteRagged(begin, end);
    }
    for (uintptr_t at = begin; at < end; at += kWord) *WordAt(at) = word_;
  }

  // Covers a block that begins at a multiple of 16 with at least `size` bytes,
  // rounded up to a multiple of 16.
  void Fill(uintptr_t begin, size_t size) const {
    if (size > kInlineFill) return FillMany(begin, size);
    const Pair pair = {word_, word_};
    for (uintptr_t at = begin; at < begin + size; at += sizeof(Pair)) {
      *reinterpret_cast<Pair*>(at) = pair;
    }
  }

  // Whether [begin, end) still is as Write left it.
  [[gnu::always_inline]] bool Holds(uintptr_t begin, uintptr_t end) const {
    if (__builtin_expect(begin % kWord != 0, 0)) {
      uintptr_t word = begin & ~(kWord - 1);
      if (word + kWord > end) return HoldsRagged(begin, end);
      if (((*WordAt(word) ^ word_) >> (8 * (begin - word))) != 0) return false;
      begin = word + kWord;
    }
    uint64_t difference = 0;
    for (; begin + kWord <= end; begin += kWord) {
      difference |= *WordAt(begin) ^ word_;
    }
    if (__builtin_expect(begin < end, 0)) {
      return difference == 0 && HoldsRagged(begin, end);
    }
    return difference == 0;
  }

  // The first address in [begin, end) whose byte differs; `end`: none does.
  DBGALLOC_READS_MEANWHILE
  uintptr_t FindDifference(uintptr_t begin, uintptr_t end) const;
  // One behind the last address whose byte differs; `begin`: none does.
  uintptr_t FindLastDifference(uintptr_t begin, uintptr_t end) const;

 private:
  using Word [[gnu::may_alias]] = uint64_t;
  using Pair [[gnu::vector_size(16), gnu::may_alias]] = uint64_t;
  static constexpr uintptr_t kWord = sizeof(Word);
  static constexpr size_t kInlineFill = 256;

  static Word* WordAt(uintptr_t address) {
    return reinterpret_cast<Word*>(address);
  }
  void WriteRagged(uintptr_t begin, uintptr_t end) const;
  DBGALLOC_READS_MEANWHILE
  bool HoldsRagged(uintptr_t begin, uintptr_t end) const {
    return begin >= end || FindDifference(begin, end) == end;
  }
  void FillMany(uintptr_t begin, size_t size) const;

  uint64_t word_ = 0;
};

}  // namespace dbgalloc::debug

#endif  // DBGALLOC_ALLOC_DEBUG_PATTERNS_H_
