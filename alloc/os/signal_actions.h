// The actions of those signals that fault_signals.h handles, where faults are
// signals: the program sets and asks for them as if nobody else did.
#ifndef DBGALLOC_ALLOC_OS_SIGNAL_ACTIONS_H_
#define DBGALLOC_ALLOC_OS_SIGNAL_ACTIONS_H_

#include <signal.h>

namespace dbgalloc::os {

// Whether `signal` is one whose action must be set and asked for through
// ExchangeProgramAction.
bool IsHandledFault(int signal);

// sigaction() as the program means it: its action is called when a fault is
// none of ours. Either pointer may be null. Async-signal-safe.
void ExchangeProgramAction(int signal, const struct sigaction* action,
                           struct sigaction* old_action);

// The C library's sigaction(), whoever has replaced the name.
int SystemSigaction(int signal, const struct sigaction* action,
                    struct sigaction* old_action);

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_SIGNAL_ACTIONS_H_
