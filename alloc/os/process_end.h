// The end of the process through exit() or a return from main, with the status
// that it ends with.
#ifndef DBGALLOC_ALLOC_OS_PROCESS_END_H_
#define DBGALLOC_ALLOC_OS_PROCESS_END_H_

namespace dbgalloc::os {

// Gets the status that the process is about to end with, 0 where the system
// does not tell, and returns the one that it shall end with. What is still to
// run at exit, the flushing of standard output included, runs in any case.
using ProcessEndHandler = int (*)(int status);

// Calls the handler once at the end of the process, before what was registered
// earlier; may be called again from the handler or later. False: refused. May
// allocate in the C library. Not called after _exit, quick_exit or a signal.
bool AtProcessEnd(ProcessEndHandler handler);

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_PROCESS_END_H_
