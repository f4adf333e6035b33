// The memory that libbacktrace works with, left to us to define: five functions
// that allocate, with the growing vector they share, and two that map files.
// The declarations are those of libbacktrace's internal interface; the
// names carry our prefix, as everything in this copy does.
//
// Contract: `state` is only passed through. A null (zero) result means failure;
// `error_callback` has then been called. Sizes are bytes.

#ifndef DBGALLOC_THIRD_PARTY_LIBBACKTRACE_MEMORY_H_
#define DBGALLOC_THIRD_PARTY_LIBBACKTRACE_MEMORY_H_

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "third_party/libbacktrace/libbacktrace.h"

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

// data..data+len is the part of the file that was asked for; base is where the
// memory really begins.
struct backtrace_view {
  const void* data;
  void* base;
  size_t len;
};

int dbgalloc_backtrace_get_view(backtrace_state* state, int descriptor,
                                off_t offset, uint64_t size,
                                backtrace_error_callback error_callback,
                                void* data, backtrace_view* view);

void dbgalloc_backtrace_release_view(backtrace_state* state,
                                     backtrace_view* view,
                                     backtrace_error_callback error_callback,
                                     void* data);

}  // extern "C"

#endif  // DBGALLOC_THIRD_PARTY_LIBBACKTRACE_MEMORY_H_
