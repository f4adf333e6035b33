// Work that a signal asks for, done on a thread of ours: a handler may do next
// to nothing itself.
#ifndef DBGALLOC_ALLOC_OS_SIGNAL_WATCH_H_
#define DBGALLOC_ALLOC_OS_SIGNAL_WATCH_H_

namespace dbgalloc::os {

// From now on, calls `work()` on a helper thread once a signal of that number
// has come; signals that come meanwhile count as one. Takes the place of the
// program's handler, as the program may take ours. False: refused. One a
// process. Allocates in the C library.
bool WatchSignal(int signal, void (*work)());

// In a child after fork, which has no helper thread: starts one if there was
// one in the parent.
void RestartSignalWatch();

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_SIGNAL_WATCH_H_
