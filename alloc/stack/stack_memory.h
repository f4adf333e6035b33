// Reads of a stack that never fault, whatever the stack holds.
//
// A thread's own stack has known bounds, and reads within them are two
// compares. On any other stack (coroutines, sigaltstack) only the page under
// the stack pointer is known to exist; each further page is asked of the kernel
// when a walk first reaches it, so a stack that was unmapped and replaced since
// the last walk cannot hurt this one.
#ifndef DBGALLOC_ALLOC_STACK_STACK_MEMORY_H_
#define DBGALLOC_ALLOC_STACK_STACK_MEMORY_H_

#include <bit>
#include <cstddef>
#include <cstdint>

#include "alloc/os/thread.h"
#include "alloc/stack/machine_registers.h"

namespace dbgalloc::stack {

// The readable part of the stack being walked, as two words that stay in
// registers. Readable: the aligned words from `low` on, `words` of them.
struct StackWindow {
  static constexpr int kWordLog2 = std::countr_zero(sizeof(uintptr_t));

  uintptr_t low = 0;
  uintptr_t words = 0;

  // Whether `address` is an aligned word inside. The rotation moves the
  // misalignment bits to the top, where they make the number too large.
  [[gnu::always_inline]] bool Holds(uintptr_t address) const {
    return std::rotr(address - low, kWordLog2) < words;
  }
  uintptr_t high() const { return low + words * sizeof(uintptr_t); }
};

// The window of the calling thread, which runs at or below `stack_pointer`. A
// value: it changes by assignment only, so that a walk can keep it in
// registers.
class StackMemory {
 public:
  explicit StackMemory(uintptr_t stack_pointer)
      : StackMemory(os::CurrentStackBounds(), stack_pointer) {}

  // Whether the window is the thread's own stack.
  bool on_thread_stack() const { return on_thread_stack_; }

  [[gnu::always_inline, gnu::no_sanitize_address]] bool Read(uintptr_t address,
                                                             uintptr_t* value) {
    if (__builtin_expect(!window_.Holds(address), 0)) {
      if (on_thread_stack_) return false;
      window_ = Extended(window_, address);
      if (!window_.Holds(address)) return false;
    }
    *value = *reinterpret_cast<const uintptr_t*>(address);
    return true;
  }

  // Goes on with another stack: that of the code which a signal interrupted.
  // False when there is none.
  bool SwitchTo(uintptr_t stack_pointer) {
    // The interrupted code may have overflowed its stack: ask.
    if (stack_pointer % sizeof(uintptr_t) != 0 || !IsThere(stack_pointer)) {
      return false;
    }
    *this = StackMemory(bounds_, stack_pointer);
    // Interrupted in its last instructions, a function has taken registers off
    // the stack that its table still describes there.
    const uintptr_t lowest =
        on_thread_stack_ ? bounds_.low : PageBegin(stack_pointer);
    const uintptr_t below = stack_pointer - lowest;
    const uintptr_t reach = below < kRedZone ? below : kRedZone;
    window_.low -= reach;
    window_.words += reach / sizeof(uintptr_t);
    return true;
  }

 private:
  StackMemory(os::StackBounds bounds, uintptr_t stack_pointer)
      : bounds_(bounds) {
    window_.low = stack_pointer & ~(sizeof(uintptr_t) - 1);
    on_thread_stack_ = window_.low - bounds.low < bounds.high - bounds.low;
    const uintptr_t high =
        on_thread_stack_ ? bounds.high : PageEnd(window_.low);
    window_.words = (high - window_.low) / sizeof(uintptr_t);
  }

  static bool IsThere(uintptr_t stack_pointer);
  static uintptr_t PageBegin(uintptr_t address);
  static uintptr_t PageEnd(uintptr_t address);

  // The window, larger by the pages up to that of `address` if all of them can
  // be read; unchanged otherwise.
  static StackWindow Extended(StackWindow window, uintptr_t address);

  os::StackBounds bounds_;
  StackWindow window_;
  bool on_thread_stack_;
};

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_STACK_MEMORY_H_
