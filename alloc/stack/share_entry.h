// As capture_entry.h, for what shares walks.
#ifndef DBGALLOC_ALLOC_STACK_SHARE_ENTRY_H_
#define DBGALLOC_ALLOC_STACK_SHARE_ENTRY_H_

#include <cstddef>
#include <cstdint>

#include "alloc/stack/unwind.h"

namespace dbgalloc::stack {

// The caller's stack, interned without looking for it first, sharing what it
// can with the last such walk. One thread only.
uint32_t ShareAndInternHere(size_t max_frames, UnwindMethod method);

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_SHARE_ENTRY_H_
