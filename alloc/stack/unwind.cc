#include "alloc/stack/unwind.h"

#include "alloc/stack/unwind_walk.h"

namespace dbgalloc::stack {

size_t CaptureStack(const CallerFrame& from, uintptr_t* frames,
                    size_t max_frames, UnwindMethod method) {
  NoLog log;
  return WalkStack(from, frames, max_frames, method, log);
}

void InvalidateUnwindCache() { unwind_rows.Invalidate(); }

}  // namespace dbgalloc::stack
