#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

#include "alloc/os/death_signals.h"
#include "alloc/os/errno_keeper.h"

namespace dbgalloc::os {
namespace {

constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS};

constinit std::atomic<DeathNotice> watcher{nullptr};
constinit std::atomic<bool> has_noticed{false};

void OnDeathSignal(int signal, siginfo_t* info, void*) {
  ErrnoKeeper keeper;
  if (!has_noticed.exchange(true)) watcher.load()(signal);
  struct sigaction by_default = {};
  by_default.sa_handler = SIG_DFL;
  sigaction(signal, &by_default, nullptr);
  // A fault comes again by itself; what somebody sent does not.
  const bool was_sent = info->si_code <= 0;
  if (was_sent) syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), signal);
}

void Watch(int signal) {
  struct sigaction now = {};
  if (sigaction(signal, nullptr, &now) != 0) return;
  if ((now.sa_flags & SA_SIGINFO) != 0 || now.sa_handler != SIG_DFL) return;
  struct sigaction ours = {};
  ours.sa_sigaction = &OnDeathSignal;
  // On the alternate stack, where the thread has one: the fault may be that
  // there is no stack left.
  ours.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigaction(signal, &ours, nullptr);
}

}  // namespace

void WatchDeathSignals(DeathNotice notice) {
  ErrnoKeeper keeper;
  DeathNotice nobody = nullptr;
  if (!watcher.compare_exchange_strong(nobody, notice)) return;
  for (int signal : kSignals) Watch(signal);
}

}  // namespace dbgalloc::os
