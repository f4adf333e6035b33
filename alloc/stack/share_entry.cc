#include "alloc/stack/share_entry.h"

#include "alloc/os/thread.h"
#include "alloc/stack/caller_frame.h"
#include "alloc/stack/last_walk.h"
#include "alloc/stack/stack_depot.h"

namespace dbgalloc::stack {

[[gnu::noinline]] uint32_t ShareAndInternHere(size_t max_frames,
                                              UnwindMethod method) {
  static constinit LastWalk last_walk;
  const LastWalk::Trace trace =
      last_walk.Walk(DBGALLOC_CALLER_FRAME(), max_frames, {1, method},
                     os::CurrentStackBounds().high);
  return GlobalStackDepot().Intern(trace.frames, trace.count, trace.hash);
}

}  // namespace dbgalloc::stack
