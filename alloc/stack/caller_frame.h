// Where a stack walk starts: the frame that called one of our entry points.
//
// The entry point keeps a frame pointer (RUNTIME_COPTS), so its caller is read
// off two words, and no frame of ours is ever walked or shown.
#ifndef DBGALLOC_ALLOC_STACK_CALLER_FRAME_H_
#define DBGALLOC_ALLOC_STACK_CALLER_FRAME_H_

#include <cstdint>

#include "alloc/stack/machine_registers.h"

namespace dbgalloc::stack {

// Registers of a frame as its unwinder needs them: the program counter (a
// return address), the stack pointer after the return, the frame pointer.
struct CallerFrame {
  uintptr_t program_counter = 0;
  uintptr_t stack_pointer = 0;
  uintptr_t frame_pointer = 0;
};

}  // namespace dbgalloc::stack

// The frame that called the function in which this stands; that function must
// be noinline and compiled with frame pointers.
#define DBGALLOC_CALLER_FRAME()                                          \
  ::dbgalloc::stack::CallerFrame {                                       \
    reinterpret_cast<uintptr_t>(__builtin_return_address(0)),            \
        DBGALLOC_CALLER_STACK_POINTER(), DBGALLOC_CALLER_FRAME_POINTER() \
  }

#endif  // DBGALLOC_ALLOC_STACK_CALLER_FRAME_H_
