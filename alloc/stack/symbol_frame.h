// A program counter as text.
#ifndef DBGALLOC_ALLOC_STACK_SYMBOL_FRAME_H_
#define DBGALLOC_ALLOC_STACK_SYMBOL_FRAME_H_

#include <cstdint>

#include "alloc/stack/modules.h"

namespace dbgalloc::stack {

// One function at a program counter. Texts are "" and numbers 0 where nothing
// is known; they last until ReleaseSymbols().
struct SymbolFrame {
  const char* function = "";  // readable; the symbol itself if it is not C++
  const char* file = "";      // as the build knew it
  int line = 0;
  int column = 0;
  const char* module = "";
  uintptr_t module_offset = 0;  // of the program counter itself
  char build_id[kBuildIdTextSize] = "";
};

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_SYMBOL_FRAME_H_
