#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "alloc/os/errno_keeper.h"
#include "alloc/os/memory_probe.h"

namespace dbgalloc::os {

// rt_sigprocmask copies the new mask in before it looks at what to do with it.
// An operation that does not exist therefore tells EFAULT from EINVAL and
// changes nothing. It needs no descriptor, and no sandbox forbids it. Null
// would stand for no mask at all.
bool IsReadable(uintptr_t address) {
  if (address == 0) return false;
  constexpr int kNoSuchOperation = -1;
  constexpr size_t kKernelMaskSize = 8;
  ErrnoKeeper errno_keeper;
  const long result = syscall(SYS_rt_sigprocmask, kNoSuchOperation, address,
                              nullptr, kKernelMaskSize);
  return result == 0 || errno != EFAULT;
}

}  // namespace dbgalloc::os
