// For programs whose calls come here, since dbgalloc serves their malloc:
// sigaction and signal for the two signals that memory faults raise: what the
// program sets is kept and called for the faults that are its own, while our
// handler stays the first. All other signals, and all of them where
// handle_segv=0, go to the C library.
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>

#include "alloc/os/signal_actions.h"

#define DBGALLOC_ENTRY extern "C" [[gnu::visibility("default")]]

namespace dbgalloc::os {
namespace {

using Handler = void (*)(int);
using SignalFunction = Handler (*)(int, Handler);

int Exchange(int signal, const struct sigaction* action,
             struct sigaction* old_action) {
  if (!IsHandledFault(signal)) {
    return SystemSigaction(signal, action, old_action);
  }
  ExchangeProgramAction(signal, action, old_action);
  return 0;
}

// As the C library's own, which a static program cannot look up.
Handler SetHandler(int signal, Handler handler, int flags) {
  if (handler == SIG_ERR) {
    errno = EINVAL;
    return SIG_ERR;
  }
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  if ((flags & SA_RESTART) != 0) sigaddset(&action.sa_mask, signal);
  struct sigaction old_action = {};
  if (Exchange(signal, &action, &old_action) != 0) return SIG_ERR;
  return old_action.sa_handler;
}

// Others keep the C library's function, which heeds siginterrupt().
Handler SetHandlerAs(const char* name, int signal, Handler handler, int flags) {
  if (IsHandledFault(signal)) return SetHandler(signal, handler, flags);
  auto next = reinterpret_cast<SignalFunction>(dlsym(RTLD_NEXT, name));
  if (next == nullptr) return SetHandler(signal, handler, flags);
  return next(signal, handler);
}

constexpr int kBsdFlags = SA_RESTART;
constexpr int kSystemVFlags = SA_RESETHAND | SA_NODEFER;

}  // namespace
}  // namespace dbgalloc::os

using dbgalloc::os::Exchange;
using dbgalloc::os::Handler;
using dbgalloc::os::kBsdFlags;
using dbgalloc::os::kSystemVFlags;
using dbgalloc::os::SetHandlerAs;

DBGALLOC_ENTRY int sigaction(int signal, const struct sigaction* action,
                             struct sigaction* old_action) noexcept {
  return Exchange(signal, action, old_action);
}

DBGALLOC_ENTRY Handler signal(int signal, Handler handler) noexcept {
  return SetHandlerAs("signal", signal, handler, kBsdFlags);
}

DBGALLOC_ENTRY Handler bsd_signal(int signal, Handler handler) noexcept {
  return SetHandlerAs("bsd_signal", signal, handler, kBsdFlags);
}

DBGALLOC_ENTRY Handler ssignal(int signal, Handler handler) noexcept {
  return SetHandlerAs("ssignal", signal, handler, kBsdFlags);
}

DBGALLOC_ENTRY Handler sysv_signal(int signal, Handler handler) noexcept {
  return SetHandlerAs("sysv_signal", signal, handler, kSystemVFlags);
}

// What signal() is where only the C and POSIX standards are asked for.
DBGALLOC_ENTRY Handler __sysv_signal(int signal, Handler handler) noexcept {
  return SetHandlerAs("__sysv_signal", signal, handler, kSystemVFlags);
}
