#include "dbgalloc/c_api.h"

#include <string.h>

#include "alloc/debug/heap_statistics.h"
#include "alloc/debug/system_host.h"
#include "alloc/interpose/heap_calls.h"
#include "alloc/interpose/heap_use.h"
#include "alloc/interpose/pool_statistics.h"
#include "alloc/interpose/statistics.h"
#include "alloc/report/reporter.h"

#define DBGALLOC_ENTRY extern "C" [[gnu::visibility("default"), gnu::noinline]]

using dbgalloc::Operation;
using dbgalloc::debug::ClassStatistics;
using dbgalloc::debug::kMostClasses;
using dbgalloc::interpose::DebugHeap;
using dbgalloc::interpose::HeapIfOpen;
using dbgalloc::interpose::Stage;
using dbgalloc::interpose::Start;
using dbgalloc::pool::PoolHeap;

namespace {

DebugHeap* StartedHeap() {
  Start();
  return HeapIfOpen();
}

// Null unless allocator=pool.
PoolHeap* ServingPool() {
  return dbgalloc::interpose::runtime.pool.load(std::memory_order_acquire);
}

}  // namespace

DBGALLOC_ENTRY int dbgalloc_is_active(void) {
  const Stage stage = Start();
  return stage == Stage::kDebug || stage == Stage::kPool ? 1 : 0;
}

DBGALLOC_ENTRY size_t dbgalloc_check_heap_now(void) {
  DebugHeap* heap = StartedHeap();
  dbgalloc::interpose::HeapUse use;
  if (PoolHeap* pool = ServingPool(); pool != nullptr) {
    return pool->CheckFreeBlocks(DBGALLOC_CALLER_FRAME());
  }
  if (heap == nullptr) return 0;
  return heap->CheckHeap(Operation::kHeapCheck, DBGALLOC_CALLER_FRAME());
}

DBGALLOC_ENTRY int dbgalloc_get_stats(struct dbgalloc_stats* stats,
                                      size_t size) {
  DebugHeap* heap = StartedHeap();
  dbgalloc::interpose::HeapUse use;
  if (PoolHeap* pool = ServingPool(); pool != nullptr) {
    struct dbgalloc_stats told = dbgalloc::interpose::StatsOf(*pool);
    memcpy(stats, &told, size < sizeof(told) ? size : sizeof(told));
    return 0;
  }
  if (heap == nullptr) return -1;
  dbgalloc::debug::HeapStatistics known = dbgalloc::debug::AllStatistics(*heap);
  struct dbgalloc_stats told = {};
  told.allocations = known.allocations;
  told.frees = known.frees;
  told.allocated_bytes = known.allocated_bytes;
  told.freed_bytes = known.freed_bytes;
  told.live_blocks = known.live_blocks;
  told.live_bytes = known.live_bytes;
  told.errors = known.errors;
  told.quarantine_bytes = known.quarantine_bytes;
  told.metadata_bytes = known.metadata_bytes;
  told.span_bytes = known.span_bytes;
  told.peak_blocks = known.peak_blocks;
  told.peak_bytes = known.peak_bytes;
  told.resident_bytes = known.resident_bytes;
  told.retained_bytes = known.retained_bytes;
  told.stack_traces = known.stack_traces;
  told.stack_bytes = known.stack_bytes;
  told.mappings = known.mappings;
  told.mapping_limit = known.mapping_limit;
  told.process_resident_bytes = known.process_resident_bytes;
  told.stack_hits = known.stack_hits;
  memcpy(stats, &told, size < sizeof(told) ? size : sizeof(told));
  return 0;
}

DBGALLOC_ENTRY size_t dbgalloc_get_class_stats(
    struct dbgalloc_class_stats* classes, size_t size, size_t count) {
  DebugHeap* heap = StartedHeap();
  dbgalloc::interpose::HeapUse use;
  ClassStatistics all[kMostClasses];
  size_t known = 0;
  if (PoolHeap* pool = ServingPool(); pool != nullptr) {
    known = dbgalloc::interpose::ClassesOf(*pool, all, kMostClasses);
  } else if (heap != nullptr) {
    known = heap->GetClassStatistics(all, kMostClasses);
  }
  for (size_t i = 0; i < known && i < count; ++i) {
    struct dbgalloc_class_stats told = {
        all[i].capacity,   all[i].spans,        all[i].live_blocks,
        all[i].live_bytes, all[i].freed_blocks, all[i].freed_bytes};
    memcpy(reinterpret_cast<char*>(classes) + i * size, &told,
           size < sizeof(told) ? size : sizeof(told));
  }
  return known;
}

DBGALLOC_ENTRY void dbgalloc_print_stats(void) {
  DebugHeap* heap = StartedHeap();
  dbgalloc::interpose::HeapUse use;
  if (heap != nullptr) return dbgalloc::interpose::PrintStatistics(*heap);
  PoolHeap* pool = ServingPool();
  if (pool != nullptr) dbgalloc::interpose::PrintPoolStatistics(*pool);
}

DBGALLOC_ENTRY void dbgalloc_adopt_by_current_thread(void) {
  DebugHeap* heap = StartedHeap();
  if (heap == nullptr) return;
  dbgalloc::interpose::HeapUse use;
  heap->AdoptByCurrentThread();
}

// The heap is asked even where it cannot be entered: in a callback of a report.
DBGALLOC_ENTRY int dbgalloc_describe_address(const void* address) {
  Start();
  DebugHeap* heap =
      dbgalloc::interpose::runtime.heap.load(std::memory_order_acquire);
  dbgalloc::interpose::HeapUse use;
  dbgalloc::report::AddressFinding finding;
  finding.address = reinterpret_cast<uintptr_t>(address);
  if (PoolHeap* pool = ServingPool(); pool != nullptr) {
    finding.in_heap = pool->Owns(address);
    if (finding.in_heap) finding.block = pool->Describe(finding.address);
  } else if (heap != nullptr && heap->Owns(address)) {
    finding.in_heap = true;
    finding.block = heap->Describe(finding.address);
    heap->AddTimes(finding.block);
  }
  dbgalloc::report::GlobalReporter().DescribeAddress(finding);
  return finding.in_heap ? 1 : 0;
}
