// What the portable core asks of whatever it runs on, as weak functions: a
// freestanding program may leave them out. alloc/os:host_hooks defines them.
#ifndef DBGALLOC_ALLOC_OS_HOST_HOOKS_H_
#define DBGALLOC_ALLOC_OS_HOST_HOOKS_H_

#include <cstddef>

extern "C" {

// Writes the text where a person will see it and ends the process abnormally.
[[gnu::weak]] void dbgalloc_host_fatal(const char* text, std::size_t size);

// Gives the processor to another thread; called by contended spin locks.
[[gnu::weak]] void dbgalloc_host_yield();

// Whether this is an AArch64 processor with the instructions that change memory
// in one step (LSE). Asked once.
[[gnu::weak]] bool dbgalloc_host_has_lse();

}  // extern "C"

#endif  // DBGALLOC_ALLOC_OS_HOST_HOOKS_H_
