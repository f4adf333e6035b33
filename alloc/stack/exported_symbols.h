// Names that a loaded module exports (ELF: its dynamic symbol table), read
// where it lies in memory: for stripped libraries, the vdso, and when no file
// can be opened.
#ifndef DBGALLOC_ALLOC_STACK_EXPORTED_SYMBOLS_H_
#define DBGALLOC_ALLOC_STACK_EXPORTED_SYMBOLS_H_

#include <cstdint>

#include "alloc/stack/loaded_module.h"

namespace dbgalloc::stack {

// The function whose symbol covers `address`; null: none does. Reads only the
// module's mapping. Valid as long as the module.
const char* FindExportedSymbol(const LoadedModule& module, uintptr_t address);

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_EXPORTED_SYMBOLS_H_
