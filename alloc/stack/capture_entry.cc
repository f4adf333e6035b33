#include "alloc/stack/capture_entry.h"

#include "alloc/stack/caller_frame.h"
#include "alloc/stack/stack_depot.h"
#include "alloc/stack/stack_recorder.h"

namespace dbgalloc::stack {

[[gnu::noinline]] CallerFrame CallerHere() { return DBGALLOC_CALLER_FRAME(); }

[[gnu::noinline]] size_t CaptureHere(uintptr_t* frames, size_t max_frames,
                                     UnwindMethod method) {
  return CaptureStack(DBGALLOC_CALLER_FRAME(), frames, max_frames, method);
}

[[gnu::noinline]] uint32_t CaptureAndInternHere(size_t max_frames,
                                                UnwindMethod method) {
  uintptr_t frames[kMaxRecordedFrames];
  const size_t count =
      CaptureStack(DBGALLOC_CALLER_FRAME(), frames, max_frames, method);
  return GlobalStackDepot().Intern(frames, count);
}

[[gnu::noinline]] uint32_t RecordHere(size_t max_frames, UnwindMethod method) {
  return RecordStack(DBGALLOC_CALLER_FRAME(), max_frames, method);
}

}  // namespace dbgalloc::stack
