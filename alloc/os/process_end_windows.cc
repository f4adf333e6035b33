// The C library does not tell its handlers of the status.
#include <stdlib.h>

#include <atomic>

#include "alloc/os/process_end.h"
#include "alloc/os/windows_api.h"

namespace dbgalloc::os {
namespace {

// One slot a registration, since atexit() passes nothing on.
constexpr int kMaxHandlers = 8;
constinit std::atomic<ProcessEndHandler> handlers[kMaxHandlers] = {};
constinit std::atomic<int> handler_count{0};

// exit() inside a handler goes on with the handlers that are left.
void RunLast() {
  const int last = handler_count.fetch_sub(1) - 1;
  const int wanted = handlers[last].load()(0);
  if (wanted != 0) exit(wanted);
}

}  // namespace

bool AtProcessEnd(ProcessEndHandler handler) {
  LastErrorKeeper keeper;
  int count = handler_count.load();
  do {
    if (count == kMaxHandlers) return false;
  } while (!handler_count.compare_exchange_weak(count, count + 1));
  handlers[count].store(handler);
  if (atexit(&RunLast) == 0) return true;
  handler_count.fetch_sub(1);
  return false;
}

}  // namespace dbgalloc::os
