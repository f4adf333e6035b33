// Leaves errno as it was found: what the allocator does inside must not show.
#ifndef DBGALLOC_ALLOC_OS_ERRNO_KEEPER_H_
#define DBGALLOC_ALLOC_OS_ERRNO_KEEPER_H_

#include <errno.h>

namespace dbgalloc::os {

// Restores errno at the end of a scope.
class ErrnoKeeper {
 public:
  ErrnoKeeper() : saved_(errno) {}
  ~ErrnoKeeper() { errno = saved_; }
  ErrnoKeeper(const ErrnoKeeper&) = delete;
  ErrnoKeeper& operator=(const ErrnoKeeper&) = delete;

 private:
  int saved_;
};

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_ERRNO_KEEPER_H_
