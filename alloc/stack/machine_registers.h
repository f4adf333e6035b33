// What the unwinders know about the processor: which DWARF columns hold the
// stack pointer, the frame pointer and the return address, and how a frame
// record kept by the frame pointer lies in memory. The only file of this folder
// that tests for an architecture.
#ifndef DBGALLOC_ALLOC_STACK_MACHINE_REGISTERS_H_
#define DBGALLOC_ALLOC_STACK_MACHINE_REGISTERS_H_

#include <cstdint>

namespace dbgalloc::stack {

#if defined(__x86_64__)

inline constexpr uint64_t kDwarfFramePointer = 6;    // rbp
inline constexpr uint64_t kDwarfStackPointer = 7;    // rsp
inline constexpr uint64_t kDwarfReturnAddress = 16;  // rip

// Where a call leaves the return address, in words from the CFA: pushed by the
// instruction itself.
inline constexpr int64_t kUsualReturnAddressOffset = -1;

// Bytes below the stack pointer that a signal handler leaves alone.
inline constexpr uintptr_t kRedZone = 128;

#elif defined(__aarch64__)

inline constexpr uint64_t kDwarfFramePointer = 29;
inline constexpr uint64_t kDwarfStackPointer = 31;
inline constexpr uint64_t kDwarfReturnAddress = 30;

// It is in a register at first; a function that keeps its frame record at the
// top of the frame stores it here.
inline constexpr int64_t kUsualReturnAddressOffset = -1;

inline constexpr uintptr_t kRedZone = 0;

#elif defined(__i386__)

inline constexpr uint64_t kDwarfFramePointer = 5;   // ebp
inline constexpr uint64_t kDwarfStackPointer = 4;   // esp
inline constexpr uint64_t kDwarfReturnAddress = 8;  // eip
inline constexpr int64_t kUsualReturnAddressOffset = -1;
inline constexpr uintptr_t kRedZone = 0;

#elif defined(__riscv) && __riscv_xlen == 64

inline constexpr uint64_t kDwarfFramePointer = 8;   // s0
inline constexpr uint64_t kDwarfStackPointer = 2;   // sp
inline constexpr uint64_t kDwarfReturnAddress = 1;  // ra
inline constexpr int64_t kUsualReturnAddressOffset = -1;
inline constexpr uintptr_t kRedZone = 0;

#else
#error "alloc/stack: describe this processor in machine_registers.h"
#endif

// A frame record is two words: the caller's frame pointer, then the return
// address. A kept frame pointer points at it, on RISC-V behind it.
inline constexpr uintptr_t kFrameRecordSize = 2 * sizeof(uintptr_t);
#if defined(__riscv)
inline constexpr uintptr_t kFrameRecordFromFramePointer = -kFrameRecordSize;
#else
inline constexpr uintptr_t kFrameRecordFromFramePointer = 0;
#endif

// Addresses below this are never code; a "return address" there ends a walk.
inline constexpr uintptr_t kLowestCode = 4096;

// The stack pointer after the return of the function in which this stands,
// which keeps a frame pointer. GCC for aarch64 has the frame record at the
// bottom of the frame, all others at its top.
#if defined(__riscv)
#define DBGALLOC_CALLER_STACK_POINTER() \
  reinterpret_cast<uintptr_t>(__builtin_frame_address(0))
#elif (defined(__aarch64__) || defined(__x86_64__)) && !defined(__clang__)
#define DBGALLOC_CALLER_STACK_POINTER() \
  reinterpret_cast<uintptr_t>(__builtin_dwarf_cfa())
#else
#define DBGALLOC_CALLER_STACK_POINTER()                     \
  reinterpret_cast<uintptr_t>(__builtin_frame_address(0)) + \
      2 * sizeof(uintptr_t)
#endif

// Its caller's frame pointer. Where its own points is not the same on every
// system: GCC for x86-64 tells the end of the frame, which holds the record.
#if defined(__x86_64__) && !defined(__clang__)
#define DBGALLOC_CALLER_FRAME_POINTER() \
  static_cast<const uintptr_t*>(__builtin_dwarf_cfa())[-2]
#else
#define DBGALLOC_CALLER_FRAME_POINTER()                         \
  *reinterpret_cast<const uintptr_t*>(                          \
      reinterpret_cast<uintptr_t>(__builtin_frame_address(0)) + \
      ::dbgalloc::stack::kFrameRecordFromFramePointer)
#endif

// Drops the pointer authentication code from a return address read off the
// stack. The bits are fixed by the address space size that Linux gives.
inline uintptr_t PlainReturnAddress(uintptr_t address) {
#if defined(__aarch64__)
  return address & ((uintptr_t{1} << 48) - 1);
#else
  return address;
#endif
}

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_MACHINE_REGISTERS_H_
