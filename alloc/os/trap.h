// A stop for a debugger.
#ifndef DBGALLOC_ALLOC_OS_TRAP_H_
#define DBGALLOC_ALLOC_OS_TRAP_H_

namespace dbgalloc::os {

// Raises SIGTRAP in the calling thread. A debugger stops here; without one, and
// without a handler of the program's, the process ends.
void RaiseTrap();

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_TRAP_H_
