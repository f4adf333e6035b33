// What a signal handler is told of the interrupted code, by processor.
#ifndef DBGALLOC_ALLOC_OS_FAULT_CONTEXT_H_
#define DBGALLOC_ALLOC_OS_FAULT_CONTEXT_H_

#include <signal.h>

#include "alloc/os/fault_signals.h"

namespace dbgalloc::os {

// From the arguments of a handler with SA_SIGINFO.
Fault ReadFault(const siginfo_t& info, const void* context);

// Calls `function` with `argument` on the stack that ends at `stack_end`, a
// multiple of 16.
void CallOnStack(void* stack_end, void (*function)(void*), void* argument);

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_FAULT_CONTEXT_H_
