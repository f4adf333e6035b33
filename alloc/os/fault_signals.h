// Memory faults (SIGSEGV and SIGBUS, or exceptions), ours to look at first, and
// then the program's, as if we were not there.
//
//   kernel -> our handler -> FaultHandler, for faults that have an address
//                         -> the action that the program set, before or after
//                            us, with the same signal information; or the
//                            default action, which ends the process (core)
//
// A fault inside the FaultHandler writes one raw line and ends the process.
#ifndef DBGALLOC_ALLOC_OS_FAULT_SIGNALS_H_
#define DBGALLOC_ALLOC_OS_FAULT_SIGNALS_H_

#include <cstdint>

namespace dbgalloc::os {

enum class FaultAccess : uint8_t { kUnknown, kRead, kWrite, kExecute };

struct Fault {
  uintptr_t address = 0;
  FaultAccess access = FaultAccess::kUnknown;
  bool is_unmapped = false;  // nothing is mapped there, or a guard marker is
  // The instruction that faulted, and its registers.
  uintptr_t program_counter = 0;
  uintptr_t stack_pointer = 0;
  uintptr_t frame_pointer = 0;
};

// Runs in the thread that faulted, where faults are signals on a stack of its
// own, so that the thread may have had a small one. When it returns, the fault
// is the program's. It must not allocate, nor take a lock that the interrupted
// code may hold.
using FaultHandler = void (*)(const Fault& fault);

// Handles faults from now on; one handler a process, later calls change
// nothing. What is installed at that moment becomes the program's action.
void HandleFaults(FaultHandler handler);

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_FAULT_SIGNALS_H_
