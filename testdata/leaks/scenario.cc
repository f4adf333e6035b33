#include "testdata/leaks/scenario.h"

#include <cstdio>
#include <cstring>

namespace leaks {
namespace {
Scenario* first = nullptr;
}  // namespace

const char* library_path = nullptr;

Scenario::Scenario(const char* scenario_name, void (*scenario_run)())
    : name(scenario_name), run(scenario_run), next(first) {
  first = this;
}

void* Opaque(void* pointer) {
  asm volatile("" : "+r"(pointer) : : "memory");
  return pointer;
}

void* Take(size_t size) {
  void* block = Opaque(malloc(size));
  if (size != 0) memset(block, 0, size);
  return block;
}

void ClearStack() {
  volatile char below[32 << 10];
  for (volatile char& byte : below) byte = 0;
}

void WithoutTrace(void (*make)()) {
  make();
  ClearStack();
#if defined(__x86_64__)
  asm volatile(
      "xor %%eax, %%eax\n xor %%ebx, %%ebx\n xor %%ecx, %%ecx\n"
      "xor %%edx, %%edx\n xor %%esi, %%esi\n xor %%edi, %%edi\n"
      "xor %%r8d, %%r8d\n xor %%r9d, %%r9d\n xor %%r10d, %%r10d\n"
      "xor %%r11d, %%r11d\n xor %%r12d, %%r12d\n xor %%r13d, %%r13d\n"
      "xor %%r14d, %%r14d\n xor %%r15d, %%r15d\n"
      :
      :
      : "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11",
        "r12", "r13", "r14", "r15", "memory");
#endif
}

}  // namespace leaks

int main(int argc, char** argv) {
  if (argc == 2 && strcmp(argv[1], "--list") == 0) {
    for (const leaks::Scenario* s = leaks::first; s != nullptr; s = s->next) {
      puts(s->name);
    }
    return 0;
  }
  if (argc != 3) return 2;
  leaks::library_path = argv[2];
  for (const leaks::Scenario* s = leaks::first; s != nullptr; s = s->next) {
    if (strcmp(s->name, argv[1]) != 0) continue;
    s->run();
    return 0;
  }
  return 2;
}
