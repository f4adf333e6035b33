// Turns program counters into functions, files and lines, in this process and
// without its heap.
//
//   pc -> found since the last release: what was found then
//      -> debug information (libbacktrace): function, file:line, inlined calls
//      -> else the module's dynamic symbols: function
//      -> always: module, offset, build id
//
// For reports only: the first call reads the debug information of everything
// that is loaded. Memory is a private arena; ReleaseSymbols() gives it back.
#ifndef DBGALLOC_ALLOC_STACK_SYMBOLIZER_H_
#define DBGALLOC_ALLOC_STACK_SYMBOLIZER_H_

#include <cstddef>
#include <cstdint>

#include "alloc/stack/symbol_frame.h"

namespace dbgalloc::stack {

enum class PcKind : uint8_t {
  kReturnAddress,  // the call is what the frame was doing: one byte before
  kExact,          // the instruction itself: where a fault happened
};

// The functions at `program_counter`: the innermost inlined one first, the one
// that the linker knows last. Returns how many, at least 1 where `capacity` is
// not 0; the frames of one call share module, offset and build id.
// Threads: any, one after the other; a call from a signal handler that
// interrupted another one gets module and offset only.
size_t Symbolize(uintptr_t program_counter, SymbolFrame* frames,
                 size_t capacity, PcKind kind = PcKind::kReturnAddress);

// Module, offset and build id alone: no files are read.
SymbolFrame SymbolizeModuleOnly(uintptr_t program_counter);

// Gives the memory back. All texts that were handed out end.
void ReleaseSymbols();

// Ends the texts alone: what was read stays, for those who will soon ask again.
void ReleaseSymbolTexts();

// Memory that symbols take now, in bytes.
size_t SymbolMemory();

// For the child after fork: the lock is free, whoever held it.
void ResetSymbolizerAfterFork();

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_SYMBOLIZER_H_
