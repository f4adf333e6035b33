#include <sched.h>
#include <sys/auxv.h>

#include "alloc/os/errno_keeper.h"
#include "alloc/os/host_hooks.h"
#include "alloc/os/raw_io.h"

extern "C" void dbgalloc_host_fatal(const char* text, std::size_t size) {
  dbgalloc::os::WriteAll(dbgalloc::os::kStandardError, {text, size});
  dbgalloc::os::AbortNow();
}

extern "C" void dbgalloc_host_yield() {
  dbgalloc::os::ErrnoKeeper keeper;
  sched_yield();
}

extern "C" bool dbgalloc_host_has_lse() {
#if defined(__aarch64__)
  return (getauxval(AT_HWCAP) & HWCAP_ATOMICS) != 0;
#else
  return false;
#endif
}
