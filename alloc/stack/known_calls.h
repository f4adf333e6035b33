// Chains of functions whose frames the compiler lays out in every usual way,
// compiled with the options of the test that includes this.
#ifndef DBGALLOC_ALLOC_STACK_KNOWN_CALLS_H_
#define DBGALLOC_ALLOC_STACK_KNOWN_CALLS_H_

#include <gtest/gtest.h>
#include <stdarg.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>

#include "alloc/stack/capture_entry.h"
#include "alloc/stack/known_stack.h"
#include "alloc/stack/unwind.h"

namespace dbgalloc::stack {

inline constexpr size_t kMaxFrames = 512;

// What stands at the end of every chain of calls.
using Action = void (*)();

inline Action the_action = nullptr;

template <UnwindMethod kMethod>
[[gnu::noinline]] void CheckCapture() {
  DBGALLOC_NOTE_CALLER();
  uintptr_t frames[kMaxFrames];
  const size_t count = CaptureHere(frames, kMaxFrames, kMethod);
  ExpectKnownStack(frames, count);
}

template <UnwindMethod kMethod>
[[gnu::noinline]] void CheckCaptureAmongOthers() {
  DBGALLOC_NOTE_CALLER();
  uintptr_t frames[kMaxFrames];
  const size_t count = CaptureHere(frames, kMaxFrames, kMethod);
  ExpectKnownStackAmongOthers(frames, count);
}

// Functions whose frames the compiler lays out in different ways; each calls
// the next one, until `depth` is used up.
[[gnu::noinline]] static int Descend(int depth);

[[gnu::noinline]] static int Plain(int depth) {
  DBGALLOC_NOTE_CALLER();
  return Descend(depth - 1) + 1;
}

// A frame of a size that is known only at run time.
[[gnu::noinline]] static int WithAlloca(int depth) {
  DBGALLOC_NOTE_CALLER();
  volatile char* room =
      static_cast<char*>(__builtin_alloca(static_cast<size_t>(depth) * 8 + 16));
  room[depth] = 1;
  return Descend(depth - 1) + room[depth];
}

[[gnu::noinline]] static int WithLargeFrame(int depth) {
  DBGALLOC_NOTE_CALLER();
  volatile char room[10000];
  room[depth] = 1;
  return Descend(depth - 1) + room[depth];
}

// A frame whose start is not a fixed distance from its caller's end.
[[gnu::noinline]] static int WithRealignedFrame(int depth) {
  DBGALLOC_NOTE_CALLER();
  alignas(64) volatile char room[128];
  room[depth % 128] = 1;
  return Descend(depth - 1) + room[depth % 128];
}

[[gnu::noinline]] static int Variadic(int depth, ...) {
  DBGALLOC_NOTE_CALLER();
  va_list arguments;
  va_start(arguments, depth);
  const int one = va_arg(arguments, int);
  va_end(arguments);
  return Descend(depth - 1) + one;
}

// Arguments on the stack.
[[gnu::noinline]] static int ManyArguments(int depth, int a, int b, int c,
                                           int d, int e, int f, int g, int h) {
  DBGALLOC_NOTE_CALLER();
  return Descend(depth - 1) + a + b + c + d + e + f + g + h;
}

// Saves every register that a function may be asked to keep.
[[gnu::noinline]] static int SavesRegisters(int depth) {
  DBGALLOC_NOTE_CALLER();
#if defined(__x86_64__) && defined(DBGALLOC_NO_FRAME_POINTERS)
  asm volatile("xor %%ebp, %%ebp" ::: "rbx", "rbp", "r12", "r13", "r14", "r15");
#elif defined(__x86_64__)
  asm volatile("" ::: "rbx", "r12", "r13", "r14", "r15");
#endif
  return Descend(depth - 1) + 1;
}

// Goes on while an exception is being handled.
[[gnu::noinline]] static int InHandler(int depth) {
  DBGALLOC_NOTE_CALLER();
  int result = 0;
  try {
    throw std::runtime_error("on purpose");
  } catch (const std::exception&) {
    result = Descend(depth - 1) + 1;
  }
  return result;
}

[[gnu::noinline]] static int Descend(int depth) {
  DBGALLOC_NOTE_CALLER();
  if (depth == 0) {
    the_action();
    return 0;
  }
  switch (depth % 8) {
    case 0:
      return WithAlloca(depth) + 1;
    case 1:
      return WithLargeFrame(depth) + 1;
    case 2:
      return WithRealignedFrame(depth) + 1;
    case 3:
      return Variadic(depth, 1) + 1;
    case 4:
      return ManyArguments(depth, 1, 2, 3, 4, 5, 6, 7, 8) + 1;
    case 5:
      return SavesRegisters(depth) + 1;
    case 6:
      return InHandler(depth) + 1;
    default:
      return Plain(depth) + 1;
  }
}

// Calls `action` behind so many of these functions in turn.
inline void RunAtDepth(int depth, Action action) {
  the_action = action;
  KnownReturnAddresses().reserve(1024);
  EXPECT_GE(Descend(depth), 0);
}

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_KNOWN_CALLS_H_
