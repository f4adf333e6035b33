// What a process under a sweep notes on the board about itself, in place of
// reporting it.
#ifndef DBGALLOC_ALLOC_INTERPOSE_SWEEP_NOTES_H_
#define DBGALLOC_ALLOC_INTERPOSE_SWEEP_NOTES_H_

#include <cstddef>
#include <cstdint>

#include "alloc/fail/sweep_board.h"

namespace dbgalloc::interpose {

// The program itself: leaks are those of every run; an error ends it.
void NoteCleanRunIn(fail::SweepBoard& board);

// The process in which this point fails, from now on: errors, leaks that are
// not of every run, and its death.
void NotePointIn(fail::SweepBoard& board, fail::SweepPoint& point);

// The point cannot be run here.
void NoteEffect();

// Where the output of a forked process goes.
void WriteOutputPath(const fail::SweepBoard& board, uint64_t number, char which,
                     char* path, size_t capacity);

}  // namespace dbgalloc::interpose

#endif  // DBGALLOC_ALLOC_INTERPOSE_SWEEP_NOTES_H_
