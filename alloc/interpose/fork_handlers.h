// Keeps fork safe in a threaded process: the forking thread holds every lock of
// dbgalloc meanwhile, so that no other thread's half-done work is copied.
#ifndef DBGALLOC_ALLOC_INTERPOSE_FORK_HANDLERS_H_
#define DBGALLOC_ALLOC_INTERPOSE_FORK_HANDLERS_H_

namespace dbgalloc::interpose {

// To be called once, as early as possible: what is registered first is prepared
// last and finished first, so other handlers find the heap unlocked.
void InstallForkHandlers();

}  // namespace dbgalloc::interpose

#endif  // DBGALLOC_ALLOC_INTERPOSE_FORK_HANDLERS_H_
