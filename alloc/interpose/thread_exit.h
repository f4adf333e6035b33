// Notices the end of each thread that allocates, so that its spans go on to the
// next thread and its name stays known.
#ifndef DBGALLOC_ALLOC_INTERPOSE_THREAD_EXIT_H_
#define DBGALLOC_ALLOC_INTERPOSE_THREAD_EXIT_H_

namespace dbgalloc::interpose {

// To be called once, before WatchThisThread().
void InstallThreadExit();

[[gnu::tls_model(
    "initial-exec")]] inline constinit thread_local bool thread_is_watched =
    false;

void WatchThisThreadSlowly();

// Asks to be told of the calling thread's end. May allocate, so the caller is
// inside the heap.
inline void WatchThisThread() {
  if (__builtin_expect(!thread_is_watched, 0)) WatchThisThreadSlowly();
}

}  // namespace dbgalloc::interpose

#endif  // DBGALLOC_ALLOC_INTERPOSE_THREAD_EXIT_H_
