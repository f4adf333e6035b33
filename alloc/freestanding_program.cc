// A program without a C library or a C++ runtime: its own entry point, four
// functions on memory, two system calls. A debug allocator over a static buffer
// must find in it what was planted. The exit status tells; 0: all of it.
//
// freestanding_test.sh links it with -nostdlib -static.
#include <cstddef>
#include <cstdint>

#include "dbgalloc/debug_allocator.h"
#include "dbgalloc/error_sink.h"
#include "dbgalloc/options.h"
#include "dbgalloc/static_buffer_allocator.h"

extern "C" {

void* memcpy(void* to, const void* from, size_t size) {
  auto* target = static_cast<volatile unsigned char*>(to);
  auto* source = static_cast<const unsigned char*>(from);
  for (size_t i = 0; i < size; ++i) target[i] = source[i];
  return to;
}

void* memmove(void* to, const void* from, size_t size) {
  auto* target = static_cast<volatile unsigned char*>(to);
  auto* source = static_cast<const volatile unsigned char*>(from);
  if (to <= from) return memcpy(to, from, size);
  for (size_t i = size; i > 0; --i) target[i - 1] = source[i - 1];
  return to;
}

void* memset(void* to, int byte, size_t size) {
  auto* target = static_cast<volatile unsigned char*>(to);
  for (size_t i = 0; i < size; ++i) target[i] = static_cast<uint8_t>(byte);
  return to;
}

int memcmp(const void* left, const void* right, size_t size) {
  auto* a = static_cast<const volatile unsigned char*>(left);
  auto* b = static_cast<const volatile unsigned char*>(right);
  for (size_t i = 0; i < size; ++i) {
    if (a[i] != b[i]) return a[i] - b[i];
  }
  return 0;
}

}  // extern "C"

namespace dbgalloc {
namespace {

alignas(4096) unsigned char buffer[1 << 20];

// Remembers what it was told last.
class LastErrorSink final : public ErrorSink {
 public:
  void OnError(const ErrorRecord& record) override {
    last = record;
    ++errors;
  }
  void OnLeaks(const LeakReport& report) override {
    leaked_blocks = report.blocks;
  }

  ErrorRecord last;
  int errors = 0;
  uint64_t leaked_blocks = 0;
};

// What went wrong; the exit status.
enum Outcome : int {
  kAsItShould = 0,
  kNotMade = 10,
  kNoBlock,
  kDoubleFreeMissed,
  kOverflowMissed,
  kUnderflowMissed,
  kLateWriteMissed,
  kMismatchMissed,
  kInvalidFreeMissed,
  kMovedWrongly,
  kLeakMissed,
  kFalseAlarm,
  kMemoryNotReturned,
};

bool Found(const LastErrorSink& sink, ErrorKind kind, const void* block) {
  return sink.last.kind == kind &&
         sink.last.block.begin == reinterpret_cast<uintptr_t>(block);
}

Outcome PlantMistakes(DebugAllocator& memory, const LastErrorSink& sink) {
  for (size_t size : {24, 20'000}) {
    auto* block = static_cast<unsigned char*>(memory.Allocate(size, 8));
    if (block == nullptr) return kNoBlock;
    memory.Deallocate(block, size, 8);
    memory.Deallocate(block, size, 8);
    if (!Found(sink, ErrorKind::kDoubleFree, block)) return kDoubleFreeMissed;

    block = static_cast<unsigned char*>(memory.Allocate(size, 8));
    block[size] = 1;
    memory.Deallocate(block, size, 8);
    if (!Found(sink, ErrorKind::kHeapBufferOverflow, block)) {
      return kOverflowMissed;
    }

    block = static_cast<unsigned char*>(memory.Allocate(size, 8));
    block[-1] = 1;
    memory.Deallocate(block, size + 1, 8);
    if (!Found(sink, ErrorKind::kHeapBufferUnderflow, block)) {
      return kUnderflowMissed;
    }
    block = static_cast<unsigned char*>(memory.Allocate(size, 8));
    memory.Deallocate(block, size + 1, 8);
    if (!Found(sink, ErrorKind::kSizeMismatch, block)) return kMismatchMissed;
    block[3] = 1;
    if (memory.CheckHeap() != 1) return kLateWriteMissed;
  }
  memory.Deallocate(buffer + 3, 24, 8);
  if (sink.last.kind != ErrorKind::kInvalidFree) return kInvalidFreeMissed;
  return kAsItShould;
}

Outcome UseCorrectly(DebugAllocator& memory) {
  for (int i = 0; i < 2000; ++i) {
    auto* block = static_cast<unsigned char*>(memory.Allocate(100, 64));
    if (block == nullptr) return kNoBlock;
    memset(block, i, 100);
    if (!memory.Resize(block, 100, 64, 101)) return kMovedWrongly;
    if (block[99] != static_cast<unsigned char>(i)) return kMovedWrongly;
    memory.Deallocate(block, 101, 64);
  }
  return kAsItShould;
}

Outcome Run() {
  StaticBufferAllocator backing(buffer, sizeof(buffer));
  size_t before = backing.free_bytes();
  LastErrorSink sink;
  Options options;
  options.page_size = 16'384;
  DebugAllocator memory(backing, options, sink);
  if (!memory.ok()) return kNotMade;
  Outcome outcome = PlantMistakes(memory, sink);
  if (outcome != kAsItShould) return outcome;
  int planted = sink.errors;
  outcome = UseCorrectly(memory);
  if (outcome != kAsItShould) return outcome;
  if (sink.errors != planted) return kFalseAlarm;
  if (memory.Allocate(5, 1) == nullptr) return kNoBlock;
  if (memory.Finish() != Verdict::kLeak || sink.leaked_blocks != 1) {
    return kLeakMissed;
  }
  return backing.free_bytes() == before ? kAsItShould : kMemoryNotReturned;
}

[[noreturn]] void Exit(long status) {
#if defined(__x86_64__)
  asm volatile("syscall" : : "a"(60L), "D"(status) : "rcx", "r11", "memory");
#elif defined(__aarch64__)
  register long number asm("x8") = 93;
  register long argument asm("x0") = status;
  asm volatile("svc 0" : : "r"(number), "r"(argument) : "memory");
#elif defined(__i386__)
  asm volatile("int $0x80" : : "a"(1L), "b"(status) : "memory");
#elif defined(__riscv)
  register long number asm("a7") = 93;
  register long argument asm("a0") = status;
  asm volatile("ecall" : : "r"(number), "r"(argument) : "memory");
#else
#error "freestanding_program.cc: say how this machine ends a program"
#endif
  __builtin_trap();
}

}  // namespace
}  // namespace dbgalloc

extern "C" [[noreturn, gnu::used]] void FreestandingMain() {
  dbgalloc::Exit(dbgalloc::Run());
}

#if defined(__x86_64__)
asm(".globl _start\n_start:\n  xor %ebp, %ebp\n  and $-16, %rsp\n"
    "  call FreestandingMain\n");
#elif defined(__aarch64__)
asm(".globl _start\n_start:\n  mov x29, #0\n  mov x30, #0\n"
    "  bl FreestandingMain\n");
#elif defined(__i386__)
asm(".globl _start\n_start:\n  xor %ebp, %ebp\n  and $-16, %esp\n"
    "  call FreestandingMain\n");
#elif defined(__riscv)
asm(".globl _start\n_start:\n  li s0, 0\n  li ra, 0\n"
    "  call FreestandingMain\n");
#endif
