// Reads of memory that may turn out to be inaccessible.
#ifndef DBGALLOC_ALLOC_OS_FAULT_GUARD_H_
#define DBGALLOC_ALLOC_OS_FAULT_GUARD_H_

#include <cstdint>

namespace dbgalloc::os {

// Calls `work(argument)`. True: it returned. False: it touched memory that
// cannot be touched, at *fault_address, and was left there at once, so it must
// keep what it has done in memory and hold nothing.
//
// Other threads' faults go where they would have gone. One call at a time in a
// process. Async-signal-safe, never allocates.
bool RunGuarded(void (*work)(void* argument), void* argument,
                uintptr_t* fault_address);

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_FAULT_GUARD_H_
