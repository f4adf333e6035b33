#include <signal.h>

#include "alloc/os/errno_keeper.h"
#include "alloc/os/trap.h"

namespace dbgalloc::os {

void RaiseTrap() {
  ErrnoKeeper keeper;
  raise(SIGTRAP);
}

}  // namespace dbgalloc::os
