// What the debug information and symbol tables on disk say of an address:
// libbacktrace, on an arena of ours.
#ifndef DBGALLOC_ALLOC_STACK_DEBUG_INFO_H_
#define DBGALLOC_ALLOC_STACK_DEBUG_INFO_H_

#include <cstddef>
#include <cstdint>

namespace dbgalloc::stack {

// One function at an address. Null and 0: unknown. Texts last until the next
// call of DropDebugInfo() or, when modules have come or gone, of
// LookUpDebugInfo().
struct DebugFrame {
  const char* symbol = nullptr;  // mangled as the compiler wrote it
  const char* file = nullptr;
  int line = 0;
  int column = 0;
};

// The functions at `address`, the innermost inlined one first; returns how
// many, 0 when nothing is known. Threads: one at a time.
size_t LookUpDebugInfo(uintptr_t address, DebugFrame* frames, size_t capacity);

// Gives back the memory and the mapped files.
void DropDebugInfo();

// For the child of a fork that happened in the middle of a look-up: begins
// anew, and leaves the memory of the old reader where it is.
void AbandonDebugInfo();

// Memory taken for it, mapped files not counted.
size_t DebugInfoMemory();

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_DEBUG_INFO_H_
