#include "alloc/report/report_lock.h"

#include "alloc/os/env.h"
#include "alloc/os/thread.h"

namespace dbgalloc::report {

void ReportLock::Lock() {
  const int process = os::ProcessId();
  for (;;) {
    int owner = owner_process_.load(std::memory_order_relaxed);
    if (owner != process && owner_process_.compare_exchange_strong(
                                owner, process, std::memory_order_acquire)) {
      return;
    }
    os::Yield();
  }
}

}  // namespace dbgalloc::report
