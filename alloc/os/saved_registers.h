// The registers that a function leaves as it found them, of the function in
// which SaveRegisters() stands: a pointer may be kept in one of them alone.
#ifndef DBGALLOC_ALLOC_OS_SAVED_REGISTERS_H_
#define DBGALLOC_ALLOC_OS_SAVED_REGISTERS_H_

#include <cstddef>
#include <cstdint>

namespace dbgalloc::os {

struct SavedRegisters {
#if defined(__x86_64__)
  static constexpr size_t kCount = 6;
#elif defined(__aarch64__)
  static constexpr size_t kCount = 12;
#elif defined(__i386__)
  static constexpr size_t kCount = 4;
#elif defined(__riscv)
  static constexpr size_t kCount = 12;
#else
#error "alloc/os: save this processor's registers in saved_registers.h"
#endif
  uintptr_t values[kCount] = {};
  uintptr_t stack_pointer = 0;
};

// First statement of an entry point: what its prologue has saved already lies
// above the stack pointer that is noted here. On x86, where the prologue pushes
// it right below the frame record, the rest of the entry point's frame lies
// below: what old calls have left there is no root.
[[gnu::always_inline]] inline void SaveRegisters(SavedRegisters& saved) {
#if defined(__x86_64__)
  asm volatile(
      "movq %%rbx, 0(%0)\n"
      "movq %%rbp, 8(%0)\n"
      "movq %%r12, 16(%0)\n"
      "movq %%r13, 24(%0)\n"
      "movq %%r14, 32(%0)\n"
      "movq %%r15, 40(%0)\n"
      "movq %%rsp, 48(%0)\n"
      :
      : "r"(&saved)
      : "memory");
#elif defined(__aarch64__)
  asm volatile(
      "stp x19, x20, [%0]\n"
      "stp x21, x22, [%0, #16]\n"
      "stp x23, x24, [%0, #32]\n"
      "stp x25, x26, [%0, #48]\n"
      "stp x27, x28, [%0, #64]\n"
      "stp x29, x30, [%0, #80]\n"
      "mov x9, sp\n"
      "str x9, [%0, #96]\n"
      :
      : "r"(&saved)
      : "memory", "x9");
#elif defined(__i386__)
  asm volatile(
      "movl %%ebx, 0(%0)\n"
      "movl %%ebp, 4(%0)\n"
      "movl %%esi, 8(%0)\n"
      "movl %%edi, 12(%0)\n"
      "movl %%esp, 16(%0)\n"
      :
      : "r"(&saved)
      : "memory");
#elif defined(__riscv)
  asm volatile(
      "sd s0, 0(%0)\n"
      "sd s1, 8(%0)\n"
      "sd s2, 16(%0)\n"
      "sd s3, 24(%0)\n"
      "sd s4, 32(%0)\n"
      "sd s5, 40(%0)\n"
      "sd s6, 48(%0)\n"
      "sd s7, 56(%0)\n"
      "sd s8, 64(%0)\n"
      "sd s9, 72(%0)\n"
      "sd s10, 80(%0)\n"
      "sd s11, 88(%0)\n"
      "sd sp, 96(%0)\n"
      :
      : "r"(&saved)
      : "memory");
#endif
#if defined(__x86_64__) || defined(__i386__)
  const auto frame = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  const uintptr_t lowest = frame - (SavedRegisters::kCount - 1) * sizeof(frame);
  if (saved.stack_pointer < lowest) saved.stack_pointer = lowest;
#endif
}

static_assert(offsetof(SavedRegisters, stack_pointer) ==
                  SavedRegisters::kCount * sizeof(uintptr_t),
              "SaveRegisters() writes it there");

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_SAVED_REGISTERS_H_
