// Captures the stack of the calling thread, from a frame outward.
//
//   CallerFrame --row of its program counter--> caller --row--> ... --> _start
//                 (RowCache, else .eh_frame)
//
// Without tables (code generated at run time, hand-written assembly) a frame
// that keeps a frame pointer is left by it. Never faults, whatever the stack
// holds; never allocates through malloc; may be called in a signal handler.
// Turning program counters into text is symbolizer.h.
#ifndef DBGALLOC_ALLOC_STACK_UNWIND_H_
#define DBGALLOC_ALLOC_STACK_UNWIND_H_

#include <cstddef>
#include <cstdint>

#include "alloc/stack/caller_frame.h"

namespace dbgalloc::stack {

enum class UnwindMethod : uint8_t {
  kFramePointer,  // only frames that keep a frame pointer, one load each
  kTables,        // only frames that .eh_frame describes
  kAuto,          // per frame: tables, and the frame pointer where none is
};

// Writes at most `max_frames` program counters to `frames` and returns how
// many. The first is `from`'s own, then its caller's, and so on. All are return
// addresses, except the interrupted one behind a signal handler's frame.
// No lock of ours may be held: the dynamic linker's may be taken.
size_t CaptureStack(const CallerFrame& from, uintptr_t* frames,
                    size_t max_frames, UnwindMethod method);

// To be called when code has gone or changed (dlclose): rows are worked out
// anew. Costs next to nothing by itself.
void InvalidateUnwindCache();

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_UNWIND_H_
