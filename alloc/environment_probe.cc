// A program that links //:dbgalloc and nothing else of ours: what the
// environment says decides what it finds. See environment_test.sh.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "dbgalloc/dbgalloc.h"

namespace {

[[gnu::noinline]] void* AllocateHere(dbgalloc::Allocator& memory,
                                     std::size_t size) {
  void* block = memory.Allocate(size, 8);
  asm volatile("" ::: "memory");
  return block;
}

[[gnu::noinline]] void FreeHere(dbgalloc::Allocator& memory, void* block,
                                std::size_t size) {
  memory.Deallocate(block, size, 8);
  asm volatile("" ::: "memory");
}

void DoubleFree() {
  dbgalloc::DebugAllocator memory;
  void* block = AllocateHere(memory, 24);
  FreeHere(memory, block, 24);
  FreeHere(memory, block, 24);
}

void LateDoubleFree() {
  dbgalloc::DebugAllocator memory;
  void* block = AllocateHere(memory, 1 << 20);
  FreeHere(memory, block, 1 << 20);
  FreeHere(memory, block, 1 << 20);
}

void LateRead() {
  dbgalloc::DebugAllocator memory;
  void* block = AllocateHere(memory, 1 << 20);
  FreeHere(memory, block, 1 << 20);
  std::printf("read %02x\n", *static_cast<volatile unsigned char*>(block));
}

void TwoThreads() {
  dbgalloc::DebugAllocator memory;
  void* block = AllocateHere(memory, 24);
  std::thread([&] { FreeHere(memory, block, 24); }).join();
}

void Fail() {
  dbgalloc::DebugAllocator memory;
  dbgalloc::Allocator& inner = memory;
  dbgalloc::FailingAllocator failing(inner);
  void* blocks[4];
  for (void*& block : blocks) block = AllocateHere(failing, 24);
  for (void* block : blocks) {
    std::printf("%s\n", block != nullptr ? "made" : "refused");
    if (block != nullptr) FreeHere(failing, block, 24);
  }
}

void SetInCode() {
  dbgalloc::Options options;
  options.stack_trace_frames = 3;
  options.check_size = false;
  dbgalloc::DebugAllocator memory(options);
  void* block = AllocateHere(memory, 24);
  FreeHere(memory, block, 25);
  std::printf("went on\n");
}

void Overflow() {
  dbgalloc::DebugAllocator memory;
  void* block = AllocateHere(memory, 24);
  static_cast<unsigned char*>(block)[24] = 1;
  FreeHere(memory, block, 24);
  std::printf("went on\n");
}

struct Scene {
  const char* name;
  void (*play)();
};

constexpr Scene kScenes[] = {
    {"double_free", DoubleFree},
    {"late_double_free", LateDoubleFree},
    {"late_read", LateRead},
    {"two_threads", TwoThreads},
    {"fail", Fail},
    {"set_in_code", SetInCode},
    {"overflow", Overflow},
};

}  // namespace

int main(int argc, char** argv) {
  for (const Scene& scene : kScenes) {
    if (argc == 2 && std::strcmp(argv[1], scene.name) == 0) {
      scene.play();
      return 0;
    }
  }
  return 99;
}
