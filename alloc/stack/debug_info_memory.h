// The memory that libbacktrace works on: its allocation functions are ours.
#ifndef DBGALLOC_ALLOC_STACK_DEBUG_INFO_MEMORY_H_
#define DBGALLOC_ALLOC_STACK_DEBUG_INFO_MEMORY_H_

#include "alloc/stack/report_arena.h"

namespace dbgalloc::stack {

ReportArena& DebugInfoArena();

// Gives everything back, views of files included.
void DropDebugInfoMemory();

// Forgets everything without giving it back.
void AbandonDebugInfoMemory();

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_DEBUG_INFO_MEMORY_H_
