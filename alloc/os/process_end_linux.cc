#include <stdlib.h>

#include "alloc/os/errno_keeper.h"
#include "alloc/os/process_end.h"

namespace dbgalloc::os {
namespace {

// exit() inside a handler is glibc's way to change the status: it goes on with
// the handlers that are left.
void RunHandler(int status, void* argument) {
  const auto handler = reinterpret_cast<ProcessEndHandler>(argument);
  const int wanted = handler(status);
  if (wanted != status) exit(wanted);
}

}  // namespace

bool AtProcessEnd(ProcessEndHandler handler) {
  ErrnoKeeper keeper;
  return on_exit(&RunHandler, reinterpret_cast<void*>(handler)) == 0;
}

}  // namespace dbgalloc::os
