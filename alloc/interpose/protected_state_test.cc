// With protect_metadata: what the program writes where the heap keeps its state
// faults, and the heap lives on.
#include <malloc.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "dbgalloc/c_api.h"
#include "gtest/gtest.h"

namespace {

constexpr uintptr_t kPage = 4096;

void* Opaque(void* pointer) {
  asm volatile("" : "+r"(pointer)::"memory");
  return pointer;
}

struct Range {
  uintptr_t begin;
  uintptr_t end;
};

// The heap's state: the one mapping, of no file, before a large reservation.
Range State() {
  FILE* maps = fopen("/proc/self/maps", "r");
  Range found = {};
  Range last = {};
  char line[512];
  while (fgets(line, sizeof(line), maps) != nullptr) {
    unsigned long begin = 0;
    unsigned long end = 0;
    char rights[5] = {};
    char name[256] = {};
    sscanf(line, "%lx-%lx %4s %*s %*s %*s %255s", &begin, &end, rights, name);
    bool reserved = strcmp(rights, "---p") == 0 && name[0] == '\0';
    if (reserved && end - begin >= (1UL << 30) && last.end == begin) {
      found = last;
    }
    bool is_state = rights[0] == 'r' && name[0] == '\0';
    last = is_state ? Range{begin, end} : Range{};
  }
  fclose(maps);
  return found;
}

sigjmp_buf before_write;

void OnFault(int) { siglongjmp(before_write, 1); }

[[gnu::noinline]] bool WriteFaults(uintptr_t address) {
  if (sigsetjmp(before_write, 1) != 0) return true;
  *reinterpret_cast<volatile uint64_t*>(address) = 0x4141414141414141;
  return false;
}

// Every page, several places in each. Returns how many writes went through.
int ScribbleOver(Range range) {
  struct sigaction action = {};
  action.sa_handler = &OnFault;
  struct sigaction before = {};
  sigaction(SIGSEGV, &action, &before);
  int went_through = range.begin == range.end ? 1 : 0;
  for (uintptr_t at = range.begin; at < range.end; at += kPage / 4) {
    if (!WriteFaults(at)) ++went_through;
  }
  sigaction(SIGSEGV, &before, nullptr);
  return went_through;
}

void UseTheHeap() {
  std::vector<char*> blocks;
  for (size_t size = 1; size < 3'000'000; size = size * 3 / 2 + 1) {
    char* block = static_cast<char*>(malloc(size));
    memset(block, 7, size);
    blocks.push_back(block);
  }
  for (char* block : blocks) {
    block = static_cast<char*>(realloc(block, 100));
    free(Opaque(block));
  }
  EXPECT_EQ(dbgalloc_check_heap_now(), 0u);
}

TEST(ProtectedState, EveryStrayWriteFaultsAndTheHeapLivesOn) {
  void* kept = Opaque(malloc(100));
  UseTheHeap();
  Range state = State();
  ASSERT_GT(state.end, state.begin) << "no protected mapping";
  EXPECT_EQ(ScribbleOver(state), 0);
  UseTheHeap();
  EXPECT_EQ(malloc_usable_size(kept), 100u);
  free(kept);
}

TEST(ProtectedState, IsProtectedAfterEveryEntryOfTheInterface) {
  UseTheHeap();
  dbgalloc_stats stats;
  dbgalloc_get_stats(&stats, sizeof(stats));
  dbgalloc_get_class_stats(nullptr, 0, 0);
  testing::internal::CaptureStderr();
  void* block = Opaque(malloc(10));
  dbgalloc_describe_address(block);
  dbgalloc_print_stats();
  testing::internal::GetCapturedStderr();
  free(block);
  delete[] static_cast<char*>(Opaque(new char[100]));
  free(Opaque(calloc(10, 10)));
  free(Opaque(aligned_alloc(256, 512)));
  EXPECT_EQ(ScribbleOver(State()), 0);
}

TEST(ProtectedState, InThreads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(&UseTheHeap);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ScribbleOver(State()), 0);
}

TEST(ProtectedState, InAForkedChild) {
  void* block = Opaque(malloc(100));
  pid_t child = fork();
  if (child == 0) {
    UseTheHeap();
    free(block);
    _exit(ScribbleOver(State()) == 0 && !HasFailure() ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  free(block);
}

sigjmp_buf before_signal;

void Allocate(int) { free(Opaque(malloc(50))); }
void AllocateAndLeave(int) {
  free(Opaque(malloc(50)));
  siglongjmp(before_signal, 1);
}

TEST(ProtectedState, MallocInASignalHandlerAndAfterAJumpOutOfOne) {
  signal(SIGUSR1, &Allocate);
  signal(SIGUSR2, &AllocateAndLeave);
  for (int i = 0; i < 10; ++i) {
    raise(SIGUSR1);
    UseTheHeap();
    if (sigsetjmp(before_signal, 1) == 0) raise(SIGUSR2);
    UseTheHeap();
  }
  EXPECT_EQ(ScribbleOver(State()), 0);
}

// Signals that hit malloc itself, not only the program between two calls.
TEST(ProtectedState, SignalsInTheMiddleOfMalloc) {
  signal(SIGALRM, &Allocate);
  struct itimerval every = {{0, 500}, {0, 500}};
  setitimer(ITIMER_REAL, &every, nullptr);
  for (int i = 0; i < 2000; ++i) free(Opaque(malloc(100)));
  every = {};
  setitimer(ITIMER_REAL, &every, nullptr);
  EXPECT_EQ(ScribbleOver(State()), 0);
  EXPECT_EQ(dbgalloc_check_heap_now(), 0u);
}

}  // namespace
