#include "alloc/debug/system_host.h"

#include "alloc/os/clock.h"
#include "alloc/os/process_memory.h"
#include "alloc/os/random.h"
#include "alloc/os/raw_io.h"
#include "alloc/os/thread.h"
#include "alloc/os/trap.h"
#include "alloc/stack/stack_depot.h"
#include "alloc/stack/stack_hash.h"
#include "alloc/stack/stack_recorder.h"

namespace dbgalloc::debug {
namespace {

template <stack::UnwindMethod kMethod>
uint32_t Record(const CallerFrame& caller, uint32_t max_frames) {
  return stack::RecordStack(caller, max_frames, kMethod);
}

void LogToStandardError(const char* text, size_t size) {
  os::WriteAll(os::kStandardError, {text, size});
}

}  // namespace

HeapHost SystemHost(const Options& options) {
  stack::BoundRecordedStacks(options.stack_depot_size);
  HeapHost host;
  host.current_thread = os::CurrentThread;
  host.hash_stack = stack::StackHash;
  host.trap = os::RaiseTrap;
  host.random = os::RandomNumber;
  host.milliseconds = os::MonotonicTickMilliseconds;
  host.log = LogToStandardError;
  switch (options.unwind.value()) {
    case UnwindMethod::kFramePointers:
      host.record_stack = Record<stack::UnwindMethod::kFramePointer>;
      break;
    case UnwindMethod::kDwarf:
      host.record_stack = Record<stack::UnwindMethod::kTables>;
      break;
    case UnwindMethod::kAuto:
      host.record_stack = Record<stack::UnwindMethod::kAuto>;
      break;
  }
  return host;
}

HeapStatistics AllStatistics(DebugHeap& heap) {
  HeapStatistics statistics = heap.GetStatistics();
  stack::StackDepot::Statistics depot = stack::RecordedStackStatistics();
  statistics.stack_traces = depot.traces;
  statistics.stack_bytes = depot.bytes;
  statistics.stack_hits = depot.hits;
  statistics.mappings = os::MappingCount();
  statistics.mapping_limit = os::MappingLimit();
  statistics.process_resident_bytes = os::ProcessResidentBytes();
  statistics.resident_bytes = heap.ResidentBytes();
  return statistics;
}

}  // namespace dbgalloc::debug
