#include "alloc/pool/batch_stack.h"

#include <atomic>

namespace dbgalloc::pool {
namespace {

constinit std::atomic<bool> locks_are_forced{false};

}  // namespace

StackForm BestStackForm() {
#if defined(DBGALLOC_POOL_LOCKED_LISTS)
  return StackForm::kLock;
#else
  if (locks_are_forced.load(std::memory_order_relaxed)) return StackForm::kLock;
  return base::CanCompareTagged() ? StackForm::kInstruction : StackForm::kLock;
#endif
}

void ForceLockedStacksForTesting() { locks_are_forced.store(true); }

}  // namespace dbgalloc::pool
