// Figures, made when somebody asks.
#include "alloc/debug/debug_heap_body.h"

namespace dbgalloc::debug {
namespace {

using heap::kMaxClasses;

static_assert(kMaxClasses + 1 <= kMostClasses);

void Count(const heap::Heap& heap, const BlockRef& block,
           ClassStatistics* figures) {
  switch (block.record->state()) {
    case BlockState::kLive:
    case BlockState::kChanging:
      ++figures->live_blocks;
      figures->live_bytes += heap.SizeOf(block);
      break;
    case BlockState::kFreeing:
    case BlockState::kFreed:
      ++figures->freed_blocks;
      figures->freed_bytes += heap.SizeOf(block);
      break;
    case BlockState::kUnused:
    case BlockState::kReserved:
      break;
  }
}

// Blocks between guard pages belong to the classes of their sizes. Once freed,
// they have no memory.
void CountGuarded(const heap::Heap& heap, Span* span,
                  ClassStatistics* classes) {
  for (uint32_t slot = 0; slot < span->used_slots(); ++slot) {
    BlockRef block{span, &span->records[slot]};
    if (block.record->state() != BlockState::kLive) continue;
    Count(heap, block, &classes[heap::SizeClassOf(heap.SizeOf(block))]);
  }
}

}  // namespace

HeapStatistics DebugHeap::GetStatistics() const {
  const Body& body = *static_cast<const Body*>(this);
  heap::HeapCounters counters = body.heap_.SumCounters();
  const heap::SpanStore& store = body.heap_.store();
  HeapStatistics statistics;
  statistics.allocations = counters.allocations;
  statistics.frees = counters.frees;
  statistics.allocated_bytes = counters.allocated_bytes;
  statistics.freed_bytes = counters.freed_bytes;
  statistics.live_blocks = counters.live_blocks;
  statistics.live_bytes = counters.live_bytes;
  statistics.peak_blocks = counters.peak_blocks;
  statistics.peak_bytes = counters.peak_bytes;
  statistics.errors = body.errors_;
  statistics.quarantine_bytes = body.heap_.quarantine_bytes();
  statistics.metadata_bytes = store.metadata_bytes();
  statistics.retained_bytes = store.retained_record_bytes();
  statistics.span_bytes = store.span_bytes();
  return statistics;
}

size_t DebugHeap::ResidentBytes() {
  return static_cast<Body*>(this)->heap_.store().ResidentBytes();
}

size_t DebugHeap::GetClassStatistics(ClassStatistics* classes,
                                     size_t capacity) {
  Body& body = *static_cast<Body*>(this);
  ClassStatistics all[kMaxClasses + 1];
  heap::ForkGate::Pass pass(body.heap_.fork_gate());
  heap::SpanStore& store = body.heap_.store();
  for (Span* span = store.ClaimFirst(); span != nullptr;
       span = store.ClaimNext(span)) {
    if (span->guarded != nullptr) {
      CountGuarded(body.heap_, span, all);
      continue;
    }
    ClassStatistics& figures = all[span->size_class];
    ++figures.spans;
    for (uint32_t slot = 0; slot < span->used_slots(); ++slot) {
      Count(body.heap_, {span, &span->records[slot]}, &figures);
    }
  }
  size_t count = 0;
  for (size_t c = 0; c <= kMaxClasses; ++c) {
    if (all[c].spans == 0 && all[c].live_blocks == 0) continue;
    if (c < kMaxClasses) all[c].capacity = heap::ClassCapacity(c);
    if (count < capacity) classes[count] = all[c];
    ++count;
  }
  return count;
}

}  // namespace dbgalloc::debug
