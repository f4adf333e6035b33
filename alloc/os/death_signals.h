// Tells, once, when a signal is about to end the process.
//
//   fatal signal -> notice -> what was there before -> death
#ifndef DBGALLOC_ALLOC_OS_DEATH_SIGNALS_H_
#define DBGALLOC_ALLOC_OS_DEATH_SIGNALS_H_

namespace dbgalloc::os {

using DeathNotice = void (*)(int signal);

// From now on `notice` is called when a fault, abort() or the like is about to
// end the process, on the thread that dies; then the signal takes the course it
// would have taken. Signals that the program handles or ignores itself are left
// alone. Only the first call has an effect. Keeps errno.
void WatchDeathSignals(DeathNotice notice);

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_DEATH_SIGNALS_H_
