#include "alloc/debug/guard_policy.h"

namespace dbgalloc::debug {
namespace {

// splitmix64: any state will do, and each makes a sequence of its own.
uint64_t Next(uint64_t* state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

// Where a thread's sequence begins; not 0, which says that it has not begun.
uint64_t Begin(uint64_t seed, uint32_t thread) {
  uint64_t state = seed ^ (uint64_t{thread} << 32);
  uint64_t begin = Next(&state);
  return begin == 0 ? 1 : begin;
}

}  // namespace

size_t SmallestAlignment(size_t size) {
  constexpr size_t kMost = alignof(void*);
  if (size % heap::kGranule == 0) return heap::kGranule;
  return size >= kMost ? kMost : size_t{1} << heap::Log2Floor(size);
}

void GuardPolicy::Init(const Options& options, uint64_t drawn_seed) {
  choice_ = options.guard;
  align_ = options.guard_align;
  rate_ = static_cast<uint64_t>(options.guard_sample_rate);
  min_size_ = options.guard_min_size;
  max_size_ = options.guard_max_size;
  seed_ = options.guard_seed;
  if (seed_ == 0) seed_ = drawn_seed;
  bool uses_seed = choice_ == GuardChoice::kSampled ||
                   (enabled() && align_ == GuardAlignChoice::kRandom);
  if (uses_seed && options.guard_seed == 0) drawn_seed_ = drawn_seed;
  only_ = static_cast<uint64_t>(options.guard_only);
}

// From one guarded allocation to the next: `rate_` on average.
uint64_t GuardPolicy::Interval(heap::Lane& lane) const {
  return 1 + Next(&lane.guard_random) % (2 * rate_ - 1);
}

bool GuardPolicy::Decide(heap::Lane& lane, uint32_t thread, size_t size,
                         uint64_t number) const {
  bool fits = size >= min_size_ && size <= max_size_;
  bool first = lane.guard_random == 0;
  if (first) lane.guard_random = Begin(seed_, thread);
  switch (choice_) {
    case GuardChoice::kNone:
      lane.next_guarded = kNever;
      return false;
    case GuardChoice::kAll:
      return fits && (only_ == 0 || only_ == number);
    case GuardChoice::kSampled:
      break;
  }
  uint64_t now = lane.allocations.value();
  // The first one is as likely as any other.
  if (first) lane.next_guarded = now + Interval(lane) - 1;
  if (now < lane.next_guarded) return false;
  lane.next_guarded = now + Interval(lane);
  return fits;
}

GuardPosition GuardPolicy::Place(heap::Lane& lane, size_t size,
                                 size_t alignment) const {
  GuardPosition position;
  position.alignment = alignment < heap::kGranule ? heap::kGranule : alignment;
  switch (align_) {
    case GuardAlignChoice::kRight:
      break;
    case GuardAlignChoice::kLeft:
      position.side = heap::GuardSide::kLeft;
      break;
    case GuardAlignChoice::kRandom:
      if (Next(&lane.guard_random) % 2 == 0) {
        position.side = heap::GuardSide::kLeft;
      }
      break;
    case GuardAlignChoice::kExact:
      size_t smallest = SmallestAlignment(size);
      position.alignment = alignment < smallest ? smallest : alignment;
      break;
  }
  return position;
}

}  // namespace dbgalloc::debug
