// Byte patterns that memory is covered with and later compared against: the
// canary of redzones and the fills of fresh and freed bytes.
//
// Only the range given is changed; reading and writing also touch the rest of
// the aligned 8-byte words in which the range begins and ends.
#ifndef DBGALLOC_ALLOC_DEBUG_PATTERNS_H_
#define DBGALLOC_ALLOC_DEBUG_PATTERNS_H_

#include <cstddef>
#include <cstdint>

#include "alloc/base/fill_words.h"

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
  [[gnu::always_inline]] void Fill(uintptr_t begin, size_t size) const {
    if (__builtin_expect(size > kFewBytes, 0)) {
      size_t pairs = (size + sizeof(Pair) - 1) / sizeof(Pair);
      return base::FillWords(begin, 2 * pairs, word_);
    }
    const Pair pair = {word_, word_};
    const uintptr_t end = begin + size;
    for (; begin + 4 * sizeof(Pair) <= end; begin += 4 * sizeof(Pair)) {
      for (size_t i = 0; i < 4; ++i) PairAt(begin)[i] = pair;
    }
    for (; begin < end; begin += sizeof(Pair)) *PairAt(begin) = pair;
  }

  // Covers [begin, end), where `end` is a multiple of 16 and nobody else uses
  // the 16 bytes that `begin` lies in.
  [[gnu::always_inline]] void Cover(uintptr_t begin, uintptr_t end) const {
    if (begin % sizeof(Pair) != 0) begin = CoverHead(begin);
    const Pair pair = {word_, word_};
    for (; begin < end; begin += sizeof(Pair)) *PairAt(begin) = pair;
  }

  // Whether what Cover left around a block still is there: [begin, user_begin),
  // both multiples of 16, and [user_end, end).
  [[gnu::always_inline]] bool CoversAround(uintptr_t begin,
                                           uintptr_t user_begin,
                                           uintptr_t user_end,
                                           uintptr_t end) const {
    Pair difference = {};
    if (user_end % sizeof(Pair) != 0) {
      const uintptr_t word = user_end & ~(kWord - 1);
      difference[0] = (*WordAt(word) ^ word_) >> (8 * (user_end - word));
      user_end = word + kWord;
      if (user_end % sizeof(Pair) != 0) {
        difference[1] = *WordAt(user_end) ^ word_;
        user_end += kWord;
      }
    }
    const Pair pair = {word_, word_};
    for (; begin < user_begin; begin += sizeof(Pair)) {
      difference |= *PairAt(begin) ^ pair;
    }
    for (; user_end < end; user_end += sizeof(Pair)) {
      difference |= *PairAt(user_end) ^ pair;
    }
    return IsZero(difference);
  }

  // Whether [begin, end) still is as Fill left it; `begin` is a multiple of 16.
  [[gnu::always_inline]] bool Fills(uintptr_t begin, uintptr_t end) const {
    const Pair pair = {word_, word_};
    Pair difference = {};
    for (; begin + 4 * sizeof(Pair) <= end; begin += 4 * sizeof(Pair)) {
      for (size_t i = 0; i < 4; ++i) difference |= PairAt(begin)[i] ^ pair;
    }
    for (; begin + sizeof(Pair) <= end; begin += sizeof(Pair)) {
      difference |= *PairAt(begin) ^ pair;
    }
    if (begin < end && begin + kWord <= end) {
      difference[0] |= *WordAt(begin) ^ word_;
      begin += kWord;
    }
    if (begin < end) {
      difference[0] |= (*WordAt(begin) ^ word_) << (8 * (begin + kWord - end));
    }
    return IsZero(difference);
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
  static constexpr size_t kFewBytes = 256;

  static Word* WordAt(uintptr_t address) {
    return reinterpret_cast<Word*>(address);
  }
  static Pair* PairAt(uintptr_t address) {
    return reinterpret_cast<Pair*>(address);
  }
  static bool IsZero(Pair pair) { return (pair[0] | pair[1]) == 0; }
  // Covers the 16 bytes that `begin` lies in from there on; returns their end.
  uintptr_t CoverHead(uintptr_t begin) const {
    const uintptr_t word = begin & ~(kWord - 1);
    const uint64_t mask = ~uint64_t{0} << (8 * (begin - word));
    *WordAt(word) = (*WordAt(word) & ~mask) | (word_ & mask);
    if (word % sizeof(Pair) != 0) return word + kWord;
    *WordAt(word + kWord) = word_;
    return word + sizeof(Pair);
  }
  void WriteRagged(uintptr_t begin, uintptr_t end) const;
  DBGALLOC_READS_MEANWHILE
  bool HoldsRagged(uintptr_t begin, uintptr_t end) const {
    return begin >= end || FindDifference(begin, end) == end;
  }

  uint64_t word_ = 0;
};

}  // namespace dbgalloc::debug

#endif  // DBGALLOC_ALLOC_DEBUG_PATTERNS_H_
