// Looks at all spans: what each size class has, and whether free blocks are as
// they were left.
#include "alloc/pool/pool_heap.h"

namespace dbgalloc::pool {
namespace {

void CountSpan(void* context, Span& span) {
  PoolClassStatistics& found =
      static_cast<PoolClassStatistics*>(context)[span.size_class - 1];
  ++found.spans;
  for (uint32_t i = 0; i < span.carved_blocks(); ++i) {
    bool live = IsLive(LoadState(StateOf(span.BlockAt(i), span.size_class)));
    ++(live ? found.live_blocks : found.free_blocks);
  }
}

}  // namespace

void PoolHeap::GetClassStatistics(
    PoolClassStatistics (&classes)[kClasses + 1]) {
  small_.spans().ForEachSpan(&CountSpan, classes);
  for (SizeClass c = 1; c <= kClasses; ++c) {
    PoolClassStatistics& found = classes[c - 1];
    found.capacity = ClassSize(c);
    found.live_bytes = found.live_blocks * ClassSize(c);
    found.free_bytes = found.free_blocks * ClassSize(c);
  }
  PoolStatistics all = GetStatistics();
  for (Tier tier : {Tier::kMedium, Tier::kLarge, Tier::kHuge}) {
    const TierStatistics& from = all.tiers[static_cast<size_t>(tier)];
    classes[kClasses].live_blocks += from.live_blocks;
    classes[kClasses].live_bytes += from.live_bytes;
  }
}

struct PoolHeap::FreeBlockCheck {
  PoolHeap* pool;
  CallerFrame caller;
  size_t damaged;
};

// A block that another thread just took is its own: it is looked at only while
// its state says that it is free.
bool PoolHeap::FreeBlockHolds(uintptr_t block, SizeClass size_class,
                              const CallerFrame& caller) {
  const BlockState* state = StateOf(block, size_class);
  if (IsLive(LoadState(state))) return true;
  bool intact = small_.guard().IsIntact(block);
  std::atomic_thread_fence(std::memory_order_acquire);
  if (IsLive(LoadState(state))) return true;
  if (!intact) {
    ReportFinding({Flaw::kOverwritten, block}, Operation::kHeapCheck, caller);
    return false;
  }
  return !fills_ || notes_ == nullptr ||
         CheckFill(reinterpret_cast<void*>(block), size_class,
                   Operation::kHeapCheck, caller);
}

void PoolHeap::CheckSpan(void* context, Span& span) {
  FreeBlockCheck& check = *static_cast<FreeBlockCheck*>(context);
  for (uint32_t i = 0; i < span.carved_blocks(); ++i) {
    if (!check.pool->FreeBlockHolds(span.BlockAt(i), span.size_class,
                                    check.caller)) {
      ++check.damaged;
    }
  }
}

size_t PoolHeap::CheckFreeBlocks(const CallerFrame& caller) {
  FreeBlockCheck check{this, caller, 0};
  small_.spans().ForEachSpan(&CheckSpan, &check);
  return check.damaged;
}

}  // namespace dbgalloc::pool
