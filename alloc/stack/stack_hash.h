// A name for a stack that is the same in every run of the same program:
// wherever its modules are loaded, and whichever number the depot gave it.
//
//   program counter -> module (build id, else file name) + offset -> hash
//
// It depends on where the walk ended: stack_trace_frames, unwind.
#ifndef DBGALLOC_ALLOC_STACK_STACK_HASH_H_
#define DBGALLOC_ALLOC_STACK_STACK_HASH_H_

#include <cstddef>
#include <cstdint>

namespace dbgalloc::stack {

// Never 0. Frames of no module (code made at run time) count, but not where
// they lie. May take the dynamic linker's lock where FindLoadedModule() does.
uint32_t HashStack(const uintptr_t* frames, size_t count);

// The hash of a stack of the global depot; 0 for an id that it does not know.
// Remembered, so that asking again is a look-up. Threads: any, signal handlers
// included.
uint32_t StackHash(uint32_t id);

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_STACK_HASH_H_
