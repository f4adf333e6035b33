#include <linux/futex.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

#include "alloc/os/errno_keeper.h"
#include "alloc/os/helper_thread.h"
#include "alloc/os/signal_watch.h"

namespace dbgalloc::os {
namespace {

constinit std::atomic<uint32_t> arrivals{0};
constinit std::atomic<void (*)()> watched_work{nullptr};

void OnSignal(int) {
  ErrnoKeeper keeper;
  arrivals.fetch_add(1);
  syscall(SYS_futex, &arrivals, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

void Help(void*) {
  uint32_t seen = 0;
  for (;;) {
    const uint32_t now = arrivals.load();
    if (now == seen) {
      syscall(SYS_futex, &arrivals, FUTEX_WAIT_PRIVATE, seen, nullptr, nullptr,
              0);
      continue;
    }
    seen = now;
    watched_work.load()();
  }
}

}  // namespace

bool WatchSignal(int signal, void (*work)()) {
  ErrnoKeeper keeper;
  watched_work.store(work);
  struct sigaction action = {};
  action.sa_handler = &OnSignal;
  action.sa_flags = SA_RESTART | SA_ONSTACK;
  return sigaction(signal, &action, nullptr) == 0 &&
         StartHelperThread(&Help, nullptr);
}

void RestartSignalWatch() {
  if (watched_work.load() == nullptr) return;
  arrivals.store(0);
  StartHelperThread(&Help, nullptr);
}

}  // namespace dbgalloc::os
