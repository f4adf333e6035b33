#include "alloc/debug/system_host.h"

#include "alloc/debug/fault_watch.h"
#include "alloc/os/clock.h"
#include "alloc/os/process_memory.h"
#include "alloc/os/random.h"
#include "alloc/os/raw_io.h"
#include "alloc/os/thread.h"
#include "alloc/os/trap.h"
#include "alloc/stack/stack_depot.h"
#include "alloc/stack/stack_hash.h"
#include "alloc/stack/stack_recorder.h"
#include "alloc/stack/unwind.h"

namespace dbgalloc::debug {
namespace {

template <stack::UnwindMethod kMethod>
uint32_t Record(const CallerFrame& caller, uint32_t max_frames) {
  return stack::RecordStack(caller, max_frames, kMethod);
}

// The instruction itself, and the return addresses of its callers. The walk
// takes a program counter for a return address: the byte behind it, which still
// belongs to the same instruction.
template <stack::UnwindMethod kMethod>
uint32_t RecordFault(const CallerFrame& at, uint32_t max_frames) {
  uintptr_t frames[stack::kMaxRecordedFrames];
  if (max_frames > stack::kMaxRecordedFrames) {
    max_frames = stack::kMaxRecordedFrames;
  }
  CallerFrame behind = at;
  ++behind.program_counter;
  const size_t count = stack::CaptureStack(behind, frames, max_frames, kMethod);
  if (count == 0) return 0;
  frames[0] = at.program_counter;
  return stack::GlobalStackDepot().Intern(frames, count);
}

template <stack::UnwindMethod kMethod>
void UseUnwinder(HeapHost& host) {
  host.record_stack = Record<kMethod>;
  host.record_fault = RecordFault<kMethod>;
}

void LogToStandardError(const char* text, size_t size) {
  os::WriteAll(os::kStandardError, {text, size});
}

}  // namespace

HeapHost SystemHost(const Options& options) {
  stack::BoundRecordedStacks(options.stack_depot_size);
  HeapHost host;
  if (options.safety && options.handle_segv) {
    host.heap_made = WatchFaults;
    host.heap_going = UnwatchFaults;
  }
  host.current_thread = os::CurrentThread;
  host.hash_stack = stack::StackHash;
  host.trap = os::RaiseTrap;
  host.random = os::RandomNumber;
  host.milliseconds = os::MonotonicTickMilliseconds;
  host.machine_memory = os::MachineMemory;
  host.log = LogToStandardError;
  switch (options.unwind.value()) {
    case UnwindMethod::kFramePointers:
      UseUnwinder<stack::UnwindMethod::kFramePointer>(host);
      break;
    case UnwindMethod::kDwarf:
      UseUnwinder<stack::UnwindMethod::kTables>(host);
      break;
    case UnwindMethod::kAuto:
      UseUnwinder<stack::UnwindMethod::kAuto>(host);
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
