// The process's unwind rows: cached, else worked out from the tables of the
// module that holds the address.
#ifndef DBGALLOC_ALLOC_STACK_UNWIND_TABLES_H_
#define DBGALLOC_ALLOC_STACK_UNWIND_TABLES_H_

#include <cstdint>

#include "alloc/stack/row_cache.h"
#include "alloc/stack/unwind_row.h"

namespace dbgalloc::stack {

extern RowCache unwind_rows;

// Works out the row for an address that the cache does not have and enters it.
// A module met here for the first time at addresses where another one was
// begins a new epoch: the walk that sees it change must start over.
[[gnu::cold]] UnwindRow WorkOutRow(uintptr_t address);

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_UNWIND_TABLES_H_
