// What is used of this copy of libbacktrace: see upstream/backtrace.h, which
// has the same declarations without the prefix.
#ifndef DBGALLOC_THIRD_PARTY_LIBBACKTRACE_LIBBACKTRACE_H_
#define DBGALLOC_THIRD_PARTY_LIBBACKTRACE_LIBBACKTRACE_H_

#include <stdint.h>

extern "C" {

struct backtrace_state;

using backtrace_error_callback = void (*)(void* data, const char* message,
                                          int error_number);

// `line` and `column` are 0, texts null where nothing is known. Returns 0 for
// more: the functions that this one was inlined into.
using backtrace_full_callback = int (*)(void* data, uintptr_t program_counter,
                                        const char* file, int line, int column,
                                        const char* function);

using backtrace_syminfo_callback = void (*)(void* data,
                                            uintptr_t program_counter,
                                            const char* symbol, uintptr_t begin,
                                            uintptr_t size);

// Null `file`: of the running program. Null: failed.
backtrace_state* dbgalloc_backtrace_create_state(
    const char* file, int threaded, backtrace_error_callback on_error,
    void* data);

// Calls back for each function at the program counter, the innermost inlined
// one first.
int dbgalloc_backtrace_pcinfo(backtrace_state* state, uintptr_t program_counter,
                              backtrace_full_callback callback,
                              backtrace_error_callback on_error, void* data);

// Calls back with what the symbol table has.
int dbgalloc_backtrace_syminfo(backtrace_state* state,
                               uintptr_t program_counter,
                               backtrace_syminfo_callback callback,
                               backtrace_error_callback on_error, void* data);

}  // extern "C"

#endif  // DBGALLOC_THIRD_PARTY_LIBBACKTRACE_LIBBACKTRACE_H_
