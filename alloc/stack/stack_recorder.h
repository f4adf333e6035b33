// Captures the stack and stores it in the process's depot: what every
// allocation and every free pays for.
#ifndef DBGALLOC_ALLOC_STACK_STACK_RECORDER_H_
#define DBGALLOC_ALLOC_STACK_STACK_RECORDER_H_

#include <cstddef>
#include <cstdint>

#include "alloc/stack/caller_frame.h"
#include "alloc/stack/stack_depot.h"
#include "alloc/stack/unwind.h"

namespace dbgalloc::stack {

// The longest trace that is recorded.
inline constexpr size_t kMaxRecordedFrames = 256;

// The id, in GlobalStackDepot(), of the calling thread's stack from `from`
// outward, at most `max_frames` of it. 0 when `max_frames` is 0 or the depot is
// full. As CaptureStack(): async-signal-safe, never faults, no lock of ours may
// be held.
uint32_t RecordStack(const CallerFrame& from, size_t max_frames,
                     UnwindMethod method);

// To be called when a thread ends: what is kept of its last walk serves another
// thread. Without it, a good many threads have ended before one is missed.
void ForgetLastStack();

// Bounds the memory for stored stacks, in bytes. The depot is the process's:
// the first call decides, and later ones only raise it. When no memory is left,
// standard error gets one line that says so, and later stacks are cut.
void BoundRecordedStacks(size_t bytes);

// The depot's statistics, with the stacks that were recognized without asking
// it among the hits.
StackDepot::Statistics RecordedStackStatistics();

// Calls `visit` for each object of ours, [begin, end), that holds copies of
// what was on stacks, or leads there: nothing in them points to a block.
void ForEachRecorderState(void (*visit)(void* context, uintptr_t begin,
                                        uintptr_t end),
                          void* context);

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_STACK_RECORDER_H_
