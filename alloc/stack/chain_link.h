// How a trace gets into its chain of the stack depot, once, whichever threads
// bring it at the same time.
#ifndef DBGALLOC_ALLOC_STACK_CHAIN_LINK_H_
#define DBGALLOC_ALLOC_STACK_CHAIN_LINK_H_

#include <atomic>
#include <cstdint>

namespace dbgalloc::stack {

// A bucket holds the id of a chain's first node and what was said of it.
inline constexpr uint64_t kBucketOpened = uint64_t{1} << 32;
inline constexpr uint64_t kBucketClosed = uint64_t{1} << 33;

struct LinkAttempt {
  bool is_linked = false;
  uint32_t found = 0;  // the node of the same trace that was there; 0: none
};

// Tries once to put the node `id` first in the chain of a bucket. Neither
// linked nor found: another thread was faster, or the bucket is closed; the
// caller looks for the bucket anew.
//
// set_next(id) writes the node's link; find(id) returns the node of the same
// trace in the chain that begins there. What they and the caller wrote and read
// is plain memory: the release of the exchange and the acquire of the load
// order it.
template <typename Bucket, typename SetNext, typename Find>
LinkAttempt TryLink(Bucket& bucket, uint32_t id, const SetNext& set_next,
                    const Find& find) {
  uint64_t state = bucket.load(std::memory_order_acquire);
  const auto first = static_cast<uint32_t>(state);
  set_next(first);
  const uint32_t found = find(first);
  if (found != 0) return {false, found};
  if ((state & kBucketClosed) != 0) return {};
  const bool is_linked = bucket.compare_exchange_strong(
      state, (state & kBucketOpened) | id, std::memory_order_acq_rel);
  return {is_linked, 0};
}

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_CHAIN_LINK_H_
