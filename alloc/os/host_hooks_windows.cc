#include "alloc/os/host_hooks.h"
#include "alloc/os/raw_io.h"
#include "alloc/os/windows_api.h"

extern "C" void dbgalloc_host_fatal(const char* text, std::size_t size) {
  dbgalloc::os::WriteAll(dbgalloc::os::kStandardError, {text, size});
  dbgalloc::os::AbortNow();
}

extern "C" void dbgalloc_host_yield() {
  dbgalloc::os::LastErrorKeeper keeper;
  SwitchToThread();
}
