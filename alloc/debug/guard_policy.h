// Which allocations are guarded, and on which side.
//
//   every allocation:  allocations >= lane.next_guarded ?   one comparison
//   only then:         Decide() -> guarded or not, and when to ask again
//
// Each thread draws from a sequence of its own, made of the seed and its
// number, so a program that does the same in each thread gets the same choice
// again.
#ifndef DBGALLOC_ALLOC_DEBUG_GUARD_POLICY_H_
#define DBGALLOC_ALLOC_DEBUG_GUARD_POLICY_H_

#include <cstddef>
#include <cstdint>

#include "alloc/heap/heap.h"
#include "dbgalloc/options.h"

namespace dbgalloc::debug {

// How a guarded block is to lie.
struct GuardPosition {
  heap::GuardSide side = heap::GuardSide::kRight;
  size_t alignment = 1;  // a power of two
};

// The smallest alignment that C allows for malloc of `size` bytes: whatever
// object of that size or less the caller puts there, its type may need no more.
// Types of 16 bytes' alignment (long double) do not count, unless the block
// ends at such a boundary anyway.
size_t SmallestAlignment(size_t size);

// Immutable once it is set up; what changes is in the lanes. Pure.
class GuardPolicy {
 public:
  // `drawn_seed` counts where the options name none.
  void Init(const Options& options, uint64_t drawn_seed);

  // Whether the allocation that is next in the lane of `thread`, of `size`
  // bytes and with number `number`, is guarded. The lane is the caller's.
  bool Decide(heap::Lane& lane, uint32_t thread, size_t size,
              uint64_t number) const;

  // `alignment`: as requested, 0 for none.
  GuardPosition Place(heap::Lane& lane, size_t size, size_t alignment) const;

  bool enabled() const { return choice_ != GuardChoice::kNone; }
  bool takes_all() const { return choice_ == GuardChoice::kAll; }
  // 0: none was needed, or the options named one.
  uint64_t drawn_seed() const { return drawn_seed_; }

 private:
  static constexpr uint64_t kNever = UINT64_MAX;

  uint64_t Interval(heap::Lane& lane) const;

  GuardChoice choice_ = GuardChoice::kNone;
  GuardAlignChoice align_ = GuardAlignChoice::kRight;
  uint64_t rate_ = 1;
  size_t min_size_ = 0;
  size_t max_size_ = SIZE_MAX;
  uint64_t seed_ = 0;
  uint64_t drawn_seed_ = 0;
  uint64_t only_ = 0;
};

}  // namespace dbgalloc::debug

#endif  // DBGALLOC_ALLOC_DEBUG_GUARD_POLICY_H_
