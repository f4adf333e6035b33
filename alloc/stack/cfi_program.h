// Runs the call frame instructions of one function up to one address.
#ifndef DBGALLOC_ALLOC_STACK_CFI_PROGRAM_H_
#define DBGALLOC_ALLOC_STACK_CFI_PROGRAM_H_

#include <cstdint>

#include "alloc/stack/dwarf_reader.h"
#include "alloc/stack/unwind_row.h"

namespace dbgalloc::stack {

// A function's description as the tables give it (CIE and FDE together).
struct FunctionTable {
  uintptr_t begin = 0;  // addresses [begin, end)
  uintptr_t end = 0;
  uint64_t code_alignment = 1;
  int64_t data_alignment = 1;
  uint64_t return_address_column = 0;
  uint8_t pointer_encoding = 0;
  bool is_signal_frame = false;
  DwarfReader initial_instructions;  // of the CIE
  DwarfReader instructions;          // of the FDE
};

// The row that holds at `address`; kNoTable when the rules there do not fit
// one (a CFA in another register, an expression that does not fold, damage).
UnwindRow RowAt(const FunctionTable& table, uintptr_t address);

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_CFI_PROGRAM_H_
