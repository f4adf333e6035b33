// Readable names of C++ symbols, without malloc.
//
// The work is done by the demangler of the compiler's own runtime library, the
// one that knows every name this compiler makes: a private copy of it, through
// its interface that hands the text out piece by piece. It keeps its notes on
// the stack, in proportion to the name.
#ifndef DBGALLOC_ALLOC_STACK_DEMANGLE_H_
#define DBGALLOC_ALLOC_STACK_DEMANGLE_H_

#include <cstddef>

namespace dbgalloc::stack {

// Writes the readable form to `text`, terminated and cut to `capacity`, and
// returns its length. 0 when `symbol` is no mangled name, or too long a one for
// the stack that is left.
size_t Demangle(const char* symbol, char* text, size_t capacity);

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_DEMANGLE_H_
