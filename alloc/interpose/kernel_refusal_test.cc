// Every call to the kernel that the heap makes fails in turn: the program gets
// ENOMEM, or goes on; what it holds is intact, and the heap works afterwards.
//
// Linked with -Wl,--wrap for the calls below, which thus fail on request.
#include <errno.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <vector>

#include "dbgalloc/c_api.h"
#include "gtest/gtest.h"

namespace {

// Calls until the one that fails; negative: none will. `refuses_on`: all later
// ones fail, too.
int calls_until_refusal = -1;
bool refuses_on = false;
int calls = 0;

bool Refuses() {
  ++calls;
  if (calls_until_refusal < 0) return false;
  if (calls_until_refusal > 0) {
    --calls_until_refusal;
    return false;
  }
  if (!refuses_on) calls_until_refusal = -1;
  errno = ENOMEM;
  return true;
}

}  // namespace

extern "C" {

void* __real_mmap(void* address, size_t size, int protection, int flags,
                  int file, off_t offset);
void* __wrap_mmap(void* address, size_t size, int protection, int flags,
                  int file, off_t offset) {
  if (Refuses()) return MAP_FAILED;
  return __real_mmap(address, size, protection, flags, file, offset);
}

int __real_madvise(void* address, size_t size, int advice);
int __wrap_madvise(void* address, size_t size, int advice) {
  return Refuses() ? -1 : __real_madvise(address, size, advice);
}

int __real_mprotect(void* address, size_t size, int protection);
int __wrap_mprotect(void* address, size_t size, int protection) {
  return Refuses() ? -1 : __real_mprotect(address, size, protection);
}

void* __real_mremap(void* address, size_t old_size, size_t size, int flags,
                    void* target);
void* __wrap_mremap(void* address, size_t old_size, size_t size, int flags,
                    ...) {
  va_list rest;
  va_start(rest, flags);
  void* target = (flags & MREMAP_FIXED) != 0 ? va_arg(rest, void*) : nullptr;
  va_end(rest);
  if (Refuses()) return MAP_FAILED;
  return __real_mremap(address, old_size, size, flags, target);
}

}  // extern "C"

namespace {

void* Opaque(void* pointer) {
  asm volatile("" : "+r"(pointer)::"memory");
  return pointer;
}

struct Block {
  unsigned char* begin;
  size_t size;
};

// A small life: blocks of many sizes, moved, shrunk and freed. Refusals are
// taken as a program takes them. Checks contents as it goes.
void Live() {
  std::vector<Block> blocks;
  blocks.reserve(200);
  auto check = [](const Block& block) {
    for (size_t i = 0; i < block.size; i += block.size / 16 + 1) {
      ASSERT_EQ(block.begin[i], block.size % 251);
    }
  };
  for (size_t size = 1; size < (size_t{1} << 20); size = size * 4 / 3 + 1) {
    errno = 0;
    void* memory = Opaque(malloc(size));
    if (memory == nullptr) {
      ASSERT_EQ(errno, ENOMEM);
      continue;
    }
    memset(memory, static_cast<int>(size % 251), size);
    blocks.push_back({static_cast<unsigned char*>(memory), size});
    if (blocks.size() % 3 != 0) continue;
    Block& grown = blocks[blocks.size() / 2];
    check(grown);
    void* moved = realloc(grown.begin, grown.size * 3);
    if (moved == nullptr) {
      check(grown);
    } else {
      grown.begin = static_cast<unsigned char*>(moved);
      check(grown);
      memset(moved, static_cast<int>(grown.size * 3 % 251), grown.size * 3);
      grown.size *= 3;
    }
  }
  for (const Block& block : blocks) {
    check(block);
    free(block.begin);
  }
}

// Runs `life` in a child with the call number `refused` refused. Returns how
// many calls it made; 0 after a failed test.
int CallsOf(int refused, bool all_later, const std::function<void()>& life) {
  int pipes[2];
  if (pipe(pipes) != 0) return 0;
  pid_t child = fork();
  if (child == 0) {
    calls = 0;
    refuses_on = all_later;
    calls_until_refusal = refused;
    life();
    calls_until_refusal = -1;
    int made = calls;
    // The kernel gives again: so does the heap.
    void* block = malloc(100'000);
    bool ok = block != nullptr && !testing::Test::HasFailure();
    free(block);
    ok = ok && dbgalloc_check_heap_now() == 0 &&
         write(pipes[1], &made, sizeof(made)) == sizeof(made);
    _exit(ok ? 0 : 1);
  }
  close(pipes[1]);
  int made = 0;
  if (read(pipes[0], &made, sizeof(made)) != sizeof(made)) made = 0;
  close(pipes[0]);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0) << "call " << refused << " refused"
                       << (all_later ? " and all later ones" : "");
  return made;
}

void WalkThrough(const std::function<void()>& life) {
  int all = CallsOf(-1, false, life);
  ASSERT_GT(all, 20) << "the heap's calls do not come by here";
  int walked = 0;
  for (bool all_later : {false, true}) {
    for (int refused = 0; refused < all; ++refused) {
      CallsOf(refused, all_later, life);
      if (testing::Test::HasFailure()) return;
      ++walked;
    }
  }
  EXPECT_EQ(walked, 2 * all);
}

TEST(KernelRefusal, EachCallOfASmallLife) { WalkThrough(&Live); }

TEST(KernelRefusal, EachCallOfManyPairs) {
  WalkThrough([] {
    for (int i = 0; i < 8000; ++i) free(Opaque(malloc(1000)));
  });
}

}  // namespace
