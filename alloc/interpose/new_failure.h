// What operator new does when memory was refused: the program's new handler
// gets its chances, then std::bad_alloc is thrown by the program's own C++
// runtime. Below the malloc line nothing can throw, so this is the one door out
// of it, with two implementations:
//
//   new_failure_linked.cc   in the program: compiled with exceptions
//   new_failure_preload.cc  in libdbgalloc.so, which has no C++ runtime of its
//                           own: asks the dynamic linker for the program's
//
// The caller holds nothing that an exception would have to release.
#ifndef DBGALLOC_ALLOC_INTERPOSE_NEW_FAILURE_H_
#define DBGALLOC_ALLOC_INTERPOSE_NEW_FAILURE_H_

#include "alloc/interpose/heap_calls.h"

namespace dbgalloc::interpose {

// A block after all, or an exception.
[[gnu::cold]] void* RetryNewOrThrow(const AllocationRequest& request,
                                    const CallerFrame& caller);

// A block after all, or null, also when the handler throws.
[[gnu::cold]] void* RetryNewOrNull(const AllocationRequest& request,
                                   const CallerFrame& caller);

// An alignment that is no power of two.
[[noreturn, gnu::cold]] void ThrowBadAlloc();

}  // namespace dbgalloc::interpose

#endif  // DBGALLOC_ALLOC_INTERPOSE_NEW_FAILURE_H_
