// The threads of this process and what each is doing, read from /proc without
// disturbing them.
#ifndef DBGALLOC_ALLOC_OS_THREAD_STATE_H_
#define DBGALLOC_ALLOC_OS_THREAD_STATE_H_

#include <cstddef>
#include <cstdint>

namespace dbgalloc::os {

// Calls `visit` with the kernel's number of each thread, the caller's included.
// Threads that come or go meanwhile may be missed. False: the kernel does not
// tell (no /proc). Async-signal-safe, never allocates, leaves errno as it was.
bool ForEachThread(void (*visit)(void* context, int kernel_id), void* context);

struct ThreadState {
  char state = '?';  // as of ps: R running, S asleep, D in the kernel, Z gone
  uint64_t blocked_signals = 0;    // bit n - 1 for signal n
  bool in_system_call = false;     // it sleeps in one
  bool waits_for_signals = false;  // the one that takes signals off the queue
  uintptr_t arguments[6] = {};     // of the system call
  uintptr_t stack_pointer = 0;     // 0: not known, since it runs

  bool IsGone() const { return state == 'Z' || state == 'X'; }
  bool Blocks(int signal) const {
    return (blocked_signals >> (signal - 1) & 1) != 0;
  }
};

// False: there is no such thread any more, or the kernel does not tell.
bool ReadThreadState(int kernel_id, ThreadState* state);

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_THREAD_STATE_H_
