#include "alloc/report/process_frames.h"

#include "alloc/stack/stack_depot.h"

namespace dbgalloc::report {

size_t ProcessFrames::Find(uint32_t stack, const uintptr_t** counters) {
  return stack::GlobalStackDepot().Get(stack, counters);
}

void ProcessFrames::Describe(uintptr_t program_counter, CounterKind,
                             FrameVisitor& visitor) {
  FrameDescription frame;
  frame.program_counter = program_counter;
  visitor.OnFrame(frame);
}

}  // namespace dbgalloc::report
