// Tells of ends: of threads that asked for it, and of the single process at
// fork.
#ifndef DBGALLOC_ALLOC_OS_THREAD_END_H_
#define DBGALLOC_ALLOC_OS_THREAD_END_H_

namespace dbgalloc::os {

// `ended` is called on the calling thread when that ends, in the last but one
// round of destructors that POSIX promises. One function for the whole process:
// the first one given. May allocate in the C library. False: refused.
bool CallAtThreadEnd(void (*ended)());

// As pthread_atfork. False: refused.
bool CallAroundFork(void (*prepare)(), void (*in_parent)(), void (*in_child)());

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_THREAD_END_H_
