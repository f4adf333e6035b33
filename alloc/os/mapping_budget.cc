#include "alloc/os/mapping_budget.h"

#include "alloc/os/process_memory.h"

namespace dbgalloc::os {
namespace {

constinit MappingBudget process_budget(&MappingLimit, &MappingCount);

}  // namespace

size_t MappingBudget::Budget() {
  size_t budget = budget_.load(std::memory_order_relaxed);
  if (budget != 0) return budget;
  size_t limit = limit_();
  budget = limit - limit / 4;
  assumed_.store(present_(), std::memory_order_relaxed);
  budget_.store(budget, std::memory_order_relaxed);
  return budget;
}

bool MappingBudget::Take(size_t count) {
  const size_t budget = Budget();
  if (assumed_.fetch_add(count, std::memory_order_relaxed) + count <= budget) {
    return true;
  }
  assumed_.fetch_sub(count, std::memory_order_relaxed);
  // Refused lately: the truth is asked again only after a while.
  size_t left = refusals_left_.load(std::memory_order_relaxed);
  if (left != 0) {
    refusals_left_.compare_exchange_strong(left, left - 1,
                                           std::memory_order_relaxed);
    return false;
  }
  const size_t present = present_();
  assumed_.store(present + count, std::memory_order_relaxed);
  if (present + count <= budget - budget / 8) {
    wait_.store(kFirstWait, std::memory_order_relaxed);
    return true;
  }
  const size_t wait = wait_.load(std::memory_order_relaxed);
  assumed_.store(budget, std::memory_order_relaxed);
  refusals_left_.store(wait, std::memory_order_relaxed);
  if (wait < kLongestWait) wait_.store(2 * wait, std::memory_order_relaxed);
  return false;
}

bool TakeMappings(size_t count) { return process_budget.Take(count); }

}  // namespace dbgalloc::os
