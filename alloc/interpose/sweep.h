// The program's part of a sweep over all its allocation failures, which the
// tool steers through a shared board (alloc/fail/sweep_board.h).
#ifndef DBGALLOC_ALLOC_INTERPOSE_SWEEP_H_
#define DBGALLOC_ALLOC_INTERPOSE_SWEEP_H_

namespace dbgalloc::interpose {

// Does what the board says, if there is one and it is this process's. To be
// called just before main. May end the process.
void BeginSweep();

}  // namespace dbgalloc::interpose

#endif  // DBGALLOC_ALLOC_INTERPOSE_SWEEP_H_
