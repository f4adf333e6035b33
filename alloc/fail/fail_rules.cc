#include "alloc/fail/fail_rules.h"

namespace dbgalloc::fail {
namespace {

// -1 in the options: never.
uint64_t IndexOf(int64_t flag) {
  return flag < 0 ? kNever : static_cast<uint64_t>(flag);
}

bool HasCompanion(const Options& options) {
  return options.fail_every > 1 || options.fail_probability < 1 ||
         options.fail_min_size != 0 || options.fail_max_size != 0 ||
         options.fail_count != 0 || !options.fail_stack.empty();
}

FailRules RulesFrom(uint64_t first_index, const Options& options) {
  FailRules rules;
  rules.first_index = first_index;
  if (options.fail_count != 0) rules.count = IndexOf(options.fail_count);
  if (options.fail_mode == FailMode::kOnce) rules.count = 1;
  rules.every = static_cast<uint64_t>(options.fail_every);
  rules.probability = options.fail_probability;
  rules.seed = options.fail_seed;
  rules.min_size = options.fail_min_size;
  if (options.fail_max_size != 0) rules.max_size = options.fail_max_size;
  rules.stack = options.fail_stack;
  return rules;
}

}  // namespace

FailRules AllocationRules(const Options& options) {
  uint64_t first = IndexOf(options.fail_index);
  if (first == kNever && HasCompanion(options)) first = 0;
  return RulesFrom(first, options);
}

FailRules ResizeRules(const Options& options) {
  return RulesFrom(IndexOf(options.resize_fail_index), options);
}

}  // namespace dbgalloc::fail
