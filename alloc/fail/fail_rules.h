// Which requests shall fail, as plain data: what the fail_* flags say.
#ifndef DBGALLOC_ALLOC_FAIL_FAIL_RULES_H_
#define DBGALLOC_ALLOC_FAIL_FAIL_RULES_H_

#include <cstdint>
#include <string_view>

#include "dbgalloc/options.h"

namespace dbgalloc::fail {

// An index that is never reached.
inline constexpr uint64_t kNever = UINT64_MAX;

// Each rule makes fewer requests fail; all of them must hold.
struct FailRules {
  uint64_t first_index = kNever;  // requests before it always pass
  uint64_t count = kNever;        // at most so many fail
  uint64_t every = 1;             // of those left, the first and each nth after
  double probability = 1;         // of those left, so many, drawn from `seed`
  uint64_t seed = 0;
  uint64_t min_size = 0;  // in bytes, as requested
  uint64_t max_size = UINT64_MAX;
  std::string_view stack;  // see stack_pattern.h; empty: any
};

// The rules for allocations: fail_index and its companions. A companion alone,
// without fail_index, means "from the first allocation on".
FailRules AllocationRules(const Options& options);

// The rules for resizes: the same companions, from resize_fail_index on.
FailRules ResizeRules(const Options& options);

// Whether these rules can make anything fail.
inline bool CanFail(const FailRules& rules) {
  return rules.first_index != kNever;
}

}  // namespace dbgalloc::fail

#endif  // DBGALLOC_ALLOC_FAIL_FAIL_RULES_H_
