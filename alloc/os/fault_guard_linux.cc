#include <setjmp.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

#include "alloc/os/errno_keeper.h"
#include "alloc/os/fault_guard.h"
#include "alloc/os/signal_actions.h"

namespace dbgalloc::os {
namespace {

constexpr int kSignals[] = {SIGSEGV, SIGBUS};

constinit std::atomic<long> guarded_thread{0};  // 0: none
constinit uintptr_t fault = 0;
constinit jmp_buf way_out = {};
constinit struct sigaction previous[2] = {};

void PassOn(const struct sigaction& action, int signal, siginfo_t* info,
            void* context) {
  if ((action.sa_flags & SA_SIGINFO) != 0) {
    action.sa_sigaction(signal, info, context);
  } else if (action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN) {
    // The instruction faults again, and the process ends by it.
    struct sigaction by_default = {};
    by_default.sa_handler = SIG_DFL;
    SystemSigaction(signal, &by_default, nullptr);
  } else {
    action.sa_handler(signal);
  }
}

void OnFault(int signal, siginfo_t* info, void* context) {
  if (syscall(SYS_gettid) != guarded_thread.load(std::memory_order_relaxed)) {
    PassOn(previous[signal == SIGSEGV ? 0 : 1], signal, info, context);
    return;
  }
  fault = reinterpret_cast<uintptr_t>(info->si_addr);
  longjmp(way_out, 1);
}

// Past the program's calls, which go to fault_signals.h.
void Install() {
  struct sigaction action = {};
  action.sa_sigaction = &OnFault;
  // The handler is left by a jump: the signal must not stay blocked.
  action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
  for (int i = 0; i < 2; ++i) {
    SystemSigaction(kSignals[i], &action, &previous[i]);
  }
}

void Remove() {
  for (int i = 0; i < 2; ++i) {
    SystemSigaction(kSignals[i], &previous[i], nullptr);
  }
}

}  // namespace

bool RunGuarded(void (*work)(void* argument), void* argument,
                uintptr_t* fault_address) {
  ErrnoKeeper keeper;
  guarded_thread.store(syscall(SYS_gettid), std::memory_order_relaxed);
  // A blocked signal would end the process.
  sigset_t faults, before;
  sigemptyset(&faults);
  for (int signal : kSignals) sigaddset(&faults, signal);
  pthread_sigmask(SIG_UNBLOCK, &faults, &before);
  Install();
  const bool returned = _setjmp(way_out) == 0;
  if (returned) {
    work(argument);
  } else {
    *fault_address = fault;
  }
  Remove();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  guarded_thread.store(0, std::memory_order_relaxed);
  return returned;
}

}  // namespace dbgalloc::os
