// The memory that libbacktrace works with, left to us to define: five functions
// and the growing vector they share. The declarations are those of
// libbacktrace's internal interface, which has not changed since 2012; the
// names carry our prefix, as everything in this copy does.
//
// Contract: `state` is only passed through. A null result means that there is
// no memory; `error_callback` has then been called. Sizes are bytes.

#ifndef DBGALLOC_LIBBACKTRACE_ALLOCATION_H_
#define DBGALLOC_LIBBACKTRACE_ALLOCATION_H_

#include <stddef.h>

#include "dbgalloc_libbacktrace/backtrace.h"

extern "C" {

// base..base+size is in use; alc further bytes behind that are allocated.
struct backtrace_vector {
  void* base;
  size_t size;
  size_t alc;
};

void* dbgalloc_backtrace_alloc(backtrace_state* state, size_t size,
                               backtrace_error_callback error_callback,
                               void* data);

void dbgalloc_backtrace_free(backtrace_state* state, void* memory, size_t size,
                             backtrace_error_callback error_callback,
                             void* data);

// Makes room for `size` more bytes and returns where they begin.
void* dbgalloc_backtrace_vector_grow(backtrace_state* state, size_t size,
                                     backtrace_error_callback error_callback,
                                     void* data, backtrace_vector* vector);

// Ends the vector's content: returns its base; the next grow starts afresh.
void* dbgalloc_backtrace_vector_finish(backtrace_state* state,
                                       backtrace_vector* vector,
                                       backtrace_error_callback error_callback,
                                       void* data);

// Gives unused room back. Returns 1, or 0 when it failed.
int dbgalloc_backtrace_vector_release(backtrace_state* state,
                                      backtrace_vector* vector,
                                      backtrace_error_callback error_callback,
                                      void* data);

}  // extern "C"

#endif  // DBGALLOC_LIBBACKTRACE_ALLOCATION_H_
