// A copy of the process in which nothing moves any more.
#ifndef DBGALLOC_ALLOC_OS_SNAPSHOT_H_
#define DBGALLOC_ALLOC_OS_SNAPSHOT_H_

#include <cstddef>

namespace dbgalloc::os {

// Runs `work(argument)` in a copy of the process that has the calling thread
// alone. Handlers of pthread_atfork do not run, debuggers do not follow, and
// the program's own waiting for children does not see the copy. `work` may use
// system calls only: any lock may be held in the copy. The copy ends when it
// returns, and with its parent.
class Snapshot {
 public:
  // False: the kernel refused.
  bool Start(void (*work)(void* argument), void* argument);
  // Waits for the end; true: `work` returned.
  bool Wait();

 private:
  int process_ = 0;
};

// Zeroed memory that a snapshot shares with its parent; `size` in whole pages.
// Null: refused.
void* MapSharedPages(size_t size);

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_SNAPSHOT_H_
