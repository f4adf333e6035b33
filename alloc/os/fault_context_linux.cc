#include <stddef.h>
#include <ucontext.h>

#include "alloc/os/fault_context.h"

namespace dbgalloc::os {
namespace {

#if defined(__x86_64__)

// The error code that the processor pushes for a page fault.
constexpr uint64_t kPageFault = 14;
constexpr uint64_t kWasWrite = 2;
constexpr uint64_t kWasFetch = 16;

void ReadRegisters(const ucontext_t& context, Fault* fault) {
  const greg_t* registers = context.uc_mcontext.gregs;
  fault->program_counter = static_cast<uintptr_t>(registers[REG_RIP]);
  fault->stack_pointer = static_cast<uintptr_t>(registers[REG_RSP]);
  fault->frame_pointer = static_cast<uintptr_t>(registers[REG_RBP]);
  if (static_cast<uint64_t>(registers[REG_TRAPNO]) != kPageFault) return;
  const uint64_t code = static_cast<uint64_t>(registers[REG_ERR]);
  fault->access = (code & kWasFetch) != 0   ? FaultAccess::kExecute
                  : (code & kWasWrite) != 0 ? FaultAccess::kWrite
                                            : FaultAccess::kRead;
}

#elif defined(__aarch64__)

// The exception syndrome, among the records behind the registers.
struct SyndromeRecord {
  uint32_t magic;
  uint32_t size;
  uint64_t syndrome;
};
constexpr uint32_t kSyndromeMagic = 0x45535201;
constexpr uint64_t kDataAbort = 0x24;
constexpr uint64_t kInstructionAbort = 0x20;
constexpr uint64_t kWasWrite = 1 << 6;

void ReadSyndrome(uint64_t syndrome, Fault* fault) {
  const uint64_t exception_class = syndrome >> 26 & 0x3f;
  if (exception_class == kInstructionAbort) {
    fault->access = FaultAccess::kExecute;
  } else if (exception_class == kDataAbort) {
    fault->access =
        (syndrome & kWasWrite) != 0 ? FaultAccess::kWrite : FaultAccess::kRead;
  }
}

void ReadRegisters(const ucontext_t& context, Fault* fault) {
  fault->program_counter = context.uc_mcontext.pc;
  fault->stack_pointer = context.uc_mcontext.sp;
  fault->frame_pointer = context.uc_mcontext.regs[29];
  const unsigned char* records = context.uc_mcontext.__reserved;
  for (size_t at = 0;;) {
    const auto* record = reinterpret_cast<const SyndromeRecord*>(records + at);
    if (record->magic == kSyndromeMagic) {
      return ReadSyndrome(record->syndrome, fault);
    }
    if (record->magic == 0 || record->size == 0) return;
    at += record->size;
  }
}

#elif defined(__i386__)

// The same codes as on x86-64.
constexpr uint32_t kPageFault = 14;
constexpr uint32_t kWasWrite = 2;
constexpr uint32_t kWasFetch = 16;

void ReadRegisters(const ucontext_t& context, Fault* fault) {
  const greg_t* registers = context.uc_mcontext.gregs;
  fault->program_counter = static_cast<uintptr_t>(registers[REG_EIP]);
  fault->stack_pointer = static_cast<uintptr_t>(registers[REG_ESP]);
  fault->frame_pointer = static_cast<uintptr_t>(registers[REG_EBP]);
  if (static_cast<uint32_t>(registers[REG_TRAPNO]) != kPageFault) return;
  const auto code = static_cast<uint32_t>(registers[REG_ERR]);
  fault->access = (code & kWasFetch) != 0   ? FaultAccess::kExecute
                  : (code & kWasWrite) != 0 ? FaultAccess::kWrite
                                            : FaultAccess::kRead;
}

#elif defined(__riscv)

// The system does not say how memory was used.
void ReadRegisters(const ucontext_t& context, Fault* fault) {
  const unsigned long* registers = context.uc_mcontext.__gregs;
  fault->program_counter = registers[REG_PC];
  fault->stack_pointer = registers[REG_SP];
  fault->frame_pointer = registers[REG_S0];
}

#else
#error "alloc/os: describe this processor in fault_context_linux.cc"
#endif

}  // namespace

Fault ReadFault(const siginfo_t& info, const void* context) {
  Fault fault;
  fault.address = reinterpret_cast<uintptr_t>(info.si_addr);
  fault.is_unmapped = info.si_signo == SIGSEGV && info.si_code == SEGV_MAPERR;
  ReadRegisters(*static_cast<const ucontext_t*>(context), &fault);
  return fault;
}

void CallOnStack(void* stack_end, void (*function)(void*), void* argument) {
#if defined(__x86_64__)
  asm volatile(
      "movq %%rsp, %%rbx\n\t"
      "movq %[end], %%rsp\n\t"
      "callq *%[function]\n\t"
      "movq %%rbx, %%rsp"
      : "+D"(argument), [end] "+r"(stack_end), [function] "+r"(function)
      :
      : "rbx", "rax", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "xmm0",
        "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
        "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "memory", "cc");
#elif defined(__aarch64__)
  register void* first asm("x0") = argument;
  asm volatile(
      "mov x19, sp\n\t"
      "mov sp, %[end]\n\t"
      "blr %[function]\n\t"
      "mov sp, x19"
      : "+r"(first)
      : [end] "r"(stack_end), [function] "r"(function)
      : "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11",
        "x12", "x13", "x14", "x15", "x16", "x17", "x19", "x30", "memory", "cc");
#elif defined(__i386__)
  // The argument and 12 bytes more, so that the stack is aligned at the call.
  asm volatile(
      "movl %%esp, %%esi\n\t"
      "leal -16(%[end]), %%esp\n\t"
      "movl %[argument], (%%esp)\n\t"
      "call *%[function]\n\t"
      "movl %%esi, %%esp"
      : [argument] "+a"(argument), [end] "+c"(stack_end),
        [function] "+d"(function)
      :
      : "esi", "memory", "cc");
#elif defined(__riscv)
  register void* first asm("a0") = argument;
  asm volatile(
      "mv s1, sp\n\t"
      "mv sp, %[end]\n\t"
      "jalr %[function]\n\t"
      "mv sp, s1"
      : "+r"(first)
      : [end] "r"(stack_end), [function] "r"(function)
      : "a1", "a2", "a3", "a4", "a5", "a6", "a7", "t0", "t1", "t2", "t3", "t4",
        "t5", "t6", "s1", "ra", "memory");
#endif
}

}  // namespace dbgalloc::os
