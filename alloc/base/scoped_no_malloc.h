// The third net of the malloc line: malloc under one of our locks is caught
// where it happens, instead of deadlocking in a user's process.
#ifndef DBGALLOC_ALLOC_BASE_SCOPED_NO_MALLOC_H_
#define DBGALLOC_ALLOC_BASE_SCOPED_NO_MALLOC_H_

#include "alloc/base/check.h"
#include "alloc/base/malloc_gate.h"

extern "C" {

// Defined, as anything, by our own tests: a violation then aborts. In a user's
// program it may come from a signal handler that interrupted us, which is
// served from the bootstrap arena instead.
[[gnu::weak]] extern const char dbgalloc_enforce_no_malloc;

}  // extern "C"

namespace dbgalloc::base {

// While one is alive, malloc on this thread is a bug. Every lock holder inside
// dbgalloc owns one.
class ScopedNoMalloc {
 public:
  ScopedNoMalloc() { malloc_gate.Raise(MallocGate::Count::kForbidden); }
  ~ScopedNoMalloc() { malloc_gate.Lower(MallocGate::Count::kForbidden); }
  ScopedNoMalloc(const ScopedNoMalloc&) = delete;
  ScopedNoMalloc& operator=(const ScopedNoMalloc&) = delete;

  static void AssertMallocAllowed() {
    DBG_CHECK(!malloc_gate.Has(MallocGate::Count::kForbidden));
  }

  // What an interposed entry point does once it found the gate not open.
  static void AssertMallocAllowedInTests() {
    if (&dbgalloc_enforce_no_malloc != nullptr) AssertMallocAllowed();
  }
};

}  // namespace dbgalloc::base

#endif  // DBGALLOC_ALLOC_BASE_SCOPED_NO_MALLOC_H_
