// Entry points as the allocator's are, for tests and benchmarks: never inlined,
// with a frame pointer of their own whatever their callers are built with.
#ifndef DBGALLOC_ALLOC_STACK_CAPTURE_ENTRY_H_
#define DBGALLOC_ALLOC_STACK_CAPTURE_ENTRY_H_

#include <cstddef>
#include <cstdint>

#include "alloc/stack/unwind.h"

namespace dbgalloc::stack {

// The caller's registers, and nothing else.
CallerFrame CallerHere();

// CaptureStack() from the caller on.
size_t CaptureHere(uintptr_t* frames, size_t max_frames, UnwindMethod method);

// The same, then interned without looking for it first.
uint32_t CaptureAndInternHere(size_t max_frames, UnwindMethod method);

// RecordStack() from the caller on.
uint32_t RecordHere(size_t max_frames, UnwindMethod method);

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_CAPTURE_ENTRY_H_
