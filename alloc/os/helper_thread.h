// A thread of ours for work that might never end, in a process whose threads
// belong to somebody else.
#ifndef DBGALLOC_ALLOC_OS_HELPER_THREAD_H_
#define DBGALLOC_ALLOC_OS_HELPER_THREAD_H_

#include <cstdint>

namespace dbgalloc::os {

// Runs `work` in a new, detached thread that takes no signals meant for the
// process. False: refused. Allocates in the C library.
bool StartHelperThread(void (*work)(void* argument), void* argument);

// Sleeps for about so long, or less when a signal comes.
void SleepNanoseconds(uint64_t duration);

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_HELPER_THREAD_H_
