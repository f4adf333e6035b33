#include "alloc/stack/stack_recorder.h"

namespace dbgalloc::stack {

uint32_t RecordStack(const CallerFrame& from, size_t max_frames,
                     UnwindMethod method) {
  if (max_frames == 0) return StackDepot::kNone;
  if (max_frames > kMaxRecordedFrames) max_frames = kMaxRecordedFrames;
  uintptr_t frames[kMaxRecordedFrames];
  const size_t count = CaptureStack(from, frames, max_frames, method);
  return GlobalStackDepot().Intern(frames, count);
}

// Each walk is one of its own.
void ForgetLastStack() {}

StackDepot::Statistics RecordedStackStatistics() {
  return GlobalStackDepot().statistics();
}

}  // namespace dbgalloc::stack
