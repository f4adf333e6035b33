// From an access that faulted to its report.
#include "alloc/debug/debug_heap_body.h"
#include "alloc/debug/fault_diagnosis.h"

namespace dbgalloc::debug {
namespace {

// Where stack_trace_frames switches stacks off: a fault is worth one.
constexpr uint32_t kFramesOfFaults = 32;
// Outside of all memory of the heap, this near to a block counts as that
// block's if nothing is mapped there.
constexpr uintptr_t kReach = uintptr_t{64} << 10;

}  // namespace

bool DebugHeap::ReportFault(const FaultingAccess& access) {
  Body& body = *static_cast<Body*>(this);
  if (!body.safety_) return false;
  const uintptr_t address = access.address;
  heap::Heap::Neighbours around = body.heap_.FindAround(address);
  BlockDescription below = body.Describe(around.below);
  BlockDescription above = body.Describe(around.above);
  FaultDiagnosis diagnosis = DiagnoseFault(address, below, above);
  ErrorRecord record;
  record.kind = diagnosis.kind;
  if (access.is_to_state) {
    record.kind = ErrorKind::kMetadataCorruption;
  } else if (body.heap_.IsForgotten(address)) {
    record.kind = ErrorKind::kUseAfterFree;
  } else if (diagnosis.kind == ErrorKind::kNone) {
    return false;
  } else if (!Owns(reinterpret_cast<const void*>(address)) &&
             !(access.is_unmapped &&
               DistanceTo(*diagnosis.block, address) < kReach)) {
    return false;
  } else {
    record.block = *diagnosis.block;
    body.AddNeighbours(diagnosis.block == &below ? around.below : around.above,
                       record);
  }
  record.address = address;
  record.access = access.kind;
  record.accessed_by = access.by;
  body.ReportAccess(record, access);
  return true;
}

// The kernel answers a bad buffer with an error, or a short count: nothing
// faults.
bool DebugHeap::CheckBuffer(size_t size, FaultingAccess access, bool is_done) {
  const Body& body = *static_cast<const Body*>(this);
  const uintptr_t begin = access.address;
  BlockRef block = body.heap_.Find(begin);
  if (!block && !Owns(reinterpret_cast<const void*>(begin))) return true;
  BlockDescription found = body.Describe(block);
  if (found.known && found.live && begin - found.begin < found.size) {
    const uint64_t room = found.size - (begin - found.begin);
    if (size <= room) return true;
    access.address = begin + room;
    access.is_unmapped = true;  // or as good as that
  } else if (is_done) {
    return true;
  }
  return !ReportFault(access);
}

// An access is no operation of the heap: it has no number of its own.
void DebugHeap::Body::ReportAccess(ErrorRecord& record,
                                   const FaultingAccess& access) {
  Call call{access.at, Operation::kAccess};
  call.thread = Thread();
  call.number = heap_.LatestNumber(call.thread);
  auto* record_stack =
      access.by == nullptr ? host_.record_fault : host_.record_stack;
  if (record_stack != nullptr) {
    call.stack = record_stack(
        access.at, stack_frames_ == 0 ? kFramesOfFaults : stack_frames_);
  }
  Report(record, call);
}

}  // namespace dbgalloc::debug
