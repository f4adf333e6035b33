// Finds the description of a function in a module's .eh_frame.
#ifndef DBGALLOC_ALLOC_STACK_EH_FRAME_H_
#define DBGALLOC_ALLOC_STACK_EH_FRAME_H_

#include <cstdint>

#include "alloc/stack/cfi_program.h"
#include "alloc/stack/loaded_module.h"

namespace dbgalloc::stack {

// Looks `address` up in the sorted table of .eh_frame_hdr, or through all of
// .eh_frame where the linker left the table out. Reads only the module's
// mapping. False when no function there covers the address.
bool FindFunctionTable(const LoadedModule& module, uintptr_t address,
                       FunctionTable* table);

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_EH_FRAME_H_
