// The hash of a trace: a polynomial in its program counters.
//
//   counter[0] + counter[1] * B + counter[2] * B^2 + ...
//
// It can be extended outward, frame by frame, in the shadow of a walk's loads.
// And where a list of frames has such a sum for each frame and all those
// outside of it, the hash of any part of the list is two loads and one
// multiplication away: the frames are not hashed again (last_walk.h).
#ifndef DBGALLOC_ALLOC_STACK_TRACE_HASH_H_
#define DBGALLOC_ALLOC_STACK_TRACE_HASH_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace dbgalloc::stack {

class TraceHash {
 public:
  // The longest part that OfPart() serves.
  static constexpr size_t kMaxPart = 256;

  constexpr TraceHash() = default;

  // One frame further out.
  void Add(uintptr_t program_counter) {
    sum_ += program_counter * weight_;
    weight_ *= kBase;
  }

  uint32_t value() const {
    return static_cast<uint32_t>((sum_ ^ sum_ >> 32) * kSpread >> 32);
  }

  // The sum of a frame and all those outside of it, whose sum is `outside`.
  static uint64_t SumWith(uintptr_t program_counter, uint64_t outside) {
    return program_counter + outside * kBase;
  }

  // Of the `count` frames that the sum `first` has and the sum `behind` has
  // not.
  static TraceHash OfPart(uint64_t first, uint64_t behind, size_t count) {
    TraceHash hash;
    hash.sum_ = first - behind * kPowers[count];
    return hash;
  }

 private:
  static constexpr uint64_t kBase = 0x9e3779b97f4a7c15u;
  static constexpr uint64_t kSpread = 0xbf58476d1ce4e5b9u;

  static constexpr std::array<uint64_t, kMaxPart + 1> Powers() {
    std::array<uint64_t, kMaxPart + 1> powers = {1};
    for (size_t i = 1; i <= kMaxPart; ++i) powers[i] = powers[i - 1] * kBase;
    return powers;
  }
  static const std::array<uint64_t, kMaxPart + 1> kPowers;

  uint64_t sum_ = 0;
  uint64_t weight_ = 1;
};

inline constexpr std::array<uint64_t, TraceHash::kMaxPart + 1>
    TraceHash::kPowers = TraceHash::Powers();

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_TRACE_HASH_H_
