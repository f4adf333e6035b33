#include "alloc/debug/fault_watch.h"

#include <atomic>

#include "alloc/base/malloc_gate.h"
#include "alloc/base/shielded_memory.h"
#include "alloc/base/state_shield.h"
#include "alloc/base/text_writer.h"
#include "alloc/os/fault_signals.h"
#include "alloc/os/memory_probe.h"
#include "alloc/os/raw_io.h"

namespace dbgalloc::debug {
namespace {

constexpr size_t kMostHeaps = 256;
constinit std::atomic<DebugHeap*> watched[kMostHeaps] = {};

AccessKind KindOf(os::FaultAccess access) {
  switch (access) {
    case os::FaultAccess::kRead:
      return AccessKind::kRead;
    case os::FaultAccess::kWrite:
      return AccessKind::kWrite;
    case os::FaultAccess::kExecute:
      return AccessKind::kExecute;
    case os::FaultAccess::kUnknown:
      break;
  }
  return AccessKind::kUnknown;
}

// A call to an address that holds no code has pushed where it came from: that
// is the place to show.
CallerFrame FrameOf(const os::Fault& fault) {
  CallerFrame frame{fault.program_counter, fault.stack_pointer,
                    fault.frame_pointer};
  bool called = fault.access == os::FaultAccess::kExecute &&
                fault.stack_pointer % sizeof(uintptr_t) == 0 &&
                os::IsReadable(fault.stack_pointer);
  if (called) {
    const auto* top = reinterpret_cast<const uintptr_t*>(fault.stack_pointer);
    frame.program_counter = *top - 1;
    frame.stack_pointer += sizeof(uintptr_t);
  }
  return frame;
}

// Not the program's doing, or not only: its memory went away under us.
void SayInside(const os::Fault& fault) {
  char buffer[160];
  base::TextWriter out(buffer, sizeof(buffer));
  out.Text("dbgalloc: a memory fault at ").Hex(fault.address);
  out.Text(" inside the allocator, by the instruction at ");
  out.Hex(fault.program_counter).Char('\n');
  os::WriteAll(os::kStandardError, out.view());
}

// The youngest heap first: it may lie in a block of an older one.
void OnFault(const os::Fault& fault) {
  bool is_inside = base::malloc_gate.Has(base::MallocGate::Count::kInside);
  base::ScopedOpenState open;
  FaultingAccess access;
  access.address = fault.address;
  access.kind = KindOf(fault.access);
  access.is_unmapped = fault.is_unmapped;
  access.is_to_state = base::IsShielded(fault.address);
  access.at = FrameOf(fault);
  for (size_t i = kMostHeaps; i-- > 0;) {
    DebugHeap* heap = watched[i].load(std::memory_order_acquire);
    if (heap == nullptr) continue;
    if (is_inside) {
      if (heap->Owns(reinterpret_cast<const void*>(fault.address))) {
        return SayInside(fault);
      }
      continue;
    }
    if (heap->ReportFault(access)) return;
  }
}

}  // namespace

void WatchFaults(DebugHeap* heap) {
  for (std::atomic<DebugHeap*>& entry : watched) {
    DebugHeap* none = nullptr;
    if (entry.compare_exchange_strong(none, heap)) break;
  }
  os::HandleFaults(&OnFault);
}

void UnwatchFaults(DebugHeap* heap) {
  for (std::atomic<DebugHeap*>& entry : watched) {
    DebugHeap* expected = heap;
    if (entry.compare_exchange_strong(expected, nullptr)) return;
  }
}

}  // namespace dbgalloc::debug
