#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <string_view>

#include "alloc/os/errno_keeper.h"
#include "alloc/os/fault_context.h"
#include "alloc/os/fault_signals.h"
#include "alloc/os/pages.h"
#include "alloc/os/raw_io.h"
#include "alloc/os/signal_actions.h"

// What sigaction() is inside the C library, and in static programs too.
extern "C" int __sigaction(int signal, const struct sigaction* action,
                           struct sigaction* old_action);

namespace dbgalloc::os {
namespace {

constexpr int kHandled[] = {SIGSEGV, SIGBUS};
constexpr size_t kHandledCount = sizeof(kHandled) / sizeof(kHandled[0]);
// A report goes deep when it names functions and lines.
constexpr size_t kStackSize = size_t{1} << 20;

// What the program set for one signal. Whoever sets it writes a fresh entry and
// then points to it, so that a handler never waits for one that it interrupted.
// Entries come round again after many settings.
class ProgramAction {
 public:
  struct sigaction Get() const {
    return entries_[current_.load(std::memory_order_acquire)];
  }
  void Set(const struct sigaction& action) {
    const unsigned entry = next_.fetch_add(1) % kEntries;
    entries_[entry] = action;
    current_.store(entry, std::memory_order_release);
  }

 private:
  static constexpr unsigned kEntries = 64;
  struct sigaction entries_[kEntries] = {};
  std::atomic<unsigned> current_{0};
  std::atomic<unsigned> next_{1};
};

constinit ProgramAction program_actions[kHandledCount];
constinit std::atomic<FaultHandler> fault_handler{nullptr};
constinit std::atomic<bool> is_installed{false};

struct ThreadState {
  bool is_handling = false;
  // What was explained last: an instruction that is run again, to let the
  // default action have its way, is not explained again.
  uintptr_t last_address = 0;
  uintptr_t last_program_counter = 0;
};
[[gnu::tls_model(
    "initial-exec")]] constinit thread_local ThreadState this_thread;

ProgramAction* ActionOf(int signal) {
  for (size_t i = 0; i < kHandledCount; ++i) {
    if (kHandled[i] == signal) return &program_actions[i];
  }
  return nullptr;
}

void OnSignal(int signal, siginfo_t* info, void* context);

// The kernel blocks and restarts as the program's action says, and uses its
// signal stack where that does. A fault in our own handler must arrive.
void InstallFor(int signal, const struct sigaction& program) {
  constexpr int kProgramsFlags = SA_ONSTACK | SA_RESTART;
  struct sigaction action = {};
  action.sa_sigaction = &OnSignal;
  action.sa_flags =
      (program.sa_flags & kProgramsFlags) | SA_SIGINFO | SA_NODEFER;
  action.sa_mask = program.sa_mask;
  sigdelset(&action.sa_mask, signal);
  SystemSigaction(signal, &action, nullptr);
}

void InstallDefault(int signal) {
  struct sigaction action = {};
  action.sa_handler = SIG_DFL;
  SystemSigaction(signal, &action, nullptr);
}

// By the kernel, because of what the thread did; else somebody sent it.
bool IsByFault(const siginfo_t& info) { return info.si_code > 0; }

// The instruction is run again, and faults again; a signal that was sent is
// sent again.
void TakeDefaultAction(int signal, siginfo_t* info) {
  InstallDefault(signal);
  if (IsByFault(*info)) return;
  syscall(SYS_rt_tgsigqueueinfo, getpid(), syscall(SYS_gettid), signal, info);
}

void CallProgram(int signal, siginfo_t* info, void* context) {
  ProgramAction& program = *ActionOf(signal);
  struct sigaction action = program.Get();
  const bool is_ignored = action.sa_handler == SIG_IGN;
  if (is_ignored && !IsByFault(*info)) return;
  if (is_ignored || action.sa_handler == SIG_DFL) {
    return TakeDefaultAction(signal, info);
  }
  if ((action.sa_flags & SA_RESETHAND) != 0) {
    struct sigaction reset = action;
    reset.sa_handler = SIG_DFL;
    reset.sa_flags &= ~SA_SIGINFO;
    program.Set(reset);
  }
  // The rest of the mask is in force already; all of it ends with the handler.
  if ((action.sa_flags & SA_NODEFER) == 0) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, signal);
    sigprocmask(SIG_BLOCK, &signals, nullptr);
  }
  if ((action.sa_flags & SA_SIGINFO) != 0) {
    action.sa_sigaction(signal, info, context);
  } else {
    action.sa_handler(signal);
  }
}

void EndInsideHandler(int signal) {
  WriteAll(kStandardError,
           "dbgalloc: a memory fault while a memory fault was being "
           "explained\n");
  InstallDefault(signal);
}

void CallHandler(void* fault) {
  fault_handler.load(std::memory_order_acquire)(*static_cast<Fault*>(fault));
}

bool IsExplained(const Fault& fault) {
  const bool is_same =
      fault.address == this_thread.last_address &&
      fault.program_counter == this_thread.last_program_counter;
  this_thread.last_address = fault.address;
  this_thread.last_program_counter = fault.program_counter;
  return is_same;
}

// Where no stack is to be had, the thread's own must do.
void Explain(Fault& fault) {
  if (IsExplained(fault)) return;
  void* stack = MapPages(kStackSize, PageSize());
  if (stack == nullptr) return CallHandler(&fault);
  CallOnStack(static_cast<char*>(stack) + kStackSize, &CallHandler, &fault);
  ReleasePages(stack, kStackSize);
}

void OnSignal(int signal, siginfo_t* info, void* context) {
  const int saved_errno = errno;
  if (this_thread.is_handling && IsByFault(*info))
    return EndInsideHandler(signal);
  // SI_KERNEL: the processor does not say where.
  if (IsByFault(*info) && info->si_code != SI_KERNEL) {
    this_thread.is_handling = true;
    Fault fault = ReadFault(*info, context);
    Explain(fault);
    this_thread.is_handling = false;
  }
  errno = saved_errno;
  CallProgram(signal, info, context);
}

}  // namespace

int SystemSigaction(int signal, const struct sigaction* action,
                    struct sigaction* old_action) {
  return __sigaction(signal, action, old_action);
}

void HandleFaults(FaultHandler handler) {
  ErrnoKeeper keeper;
  FaultHandler none = nullptr;
  if (!fault_handler.compare_exchange_strong(none, handler)) return;
  for (size_t i = 0; i < kHandledCount; ++i) {
    struct sigaction program = {};
    SystemSigaction(kHandled[i], nullptr, &program);
    program_actions[i].Set(program);
    InstallFor(kHandled[i], program);
  }
  is_installed.store(true, std::memory_order_release);
}

bool IsHandledFault(int signal) {
  return is_installed.load(std::memory_order_acquire) &&
         ActionOf(signal) != nullptr;
}

void ExchangeProgramAction(int signal, const struct sigaction* action,
                           struct sigaction* old_action) {
  ProgramAction& program = *ActionOf(signal);
  // `action` and `old_action` may be the same object.
  const struct sigaction before = program.Get();
  if (action != nullptr) {
    const struct sigaction after = *action;
    program.Set(after);
    InstallFor(signal, after);
  }
  if (old_action != nullptr) *old_action = before;
}

}  // namespace dbgalloc::os
