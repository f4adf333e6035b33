// malloc called where it need not work, but where programs have come to rely on
// it: in signal handlers that interrupt malloc. It must neither hang nor break
// the heap.
#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "dbgalloc/c_api.h"

namespace {

std::atomic<int> handler_runs{0};
void* volatile from_handler = nullptr;

// Frees what the last run, or the interrupted code, left behind.
void AllocateInHandler(int) {
  free(from_handler);
  from_handler = malloc(100 + handler_runs % 1000);
  memset(from_handler, 1, 100);
  void* grown = realloc(malloc(10), 5000);
  free(grown);
  free(calloc(10, 100));
  ++handler_runs;
}

void ForkInHandler(int) {
  ++handler_runs;
  pid_t child = fork();
  if (child == 0) _exit(0);
  int status = 0;
  waitpid(child, &status, 0);
}

// Interrupts the process every millisecond of its own time.
class Interrupts {
 public:
  explicit Interrupts(void (*handler)(int)) {
    handler_runs = 0;
    struct sigaction action = {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigaction(SIGPROF, &action, nullptr);
    itimerval timer = {{0, 1000}, {0, 1000}};
    setitimer(ITIMER_PROF, &timer, nullptr);
  }
  ~Interrupts() {
    itimerval off = {};
    setitimer(ITIMER_PROF, &off, nullptr);
    signal(SIGPROF, SIG_IGN);
  }
};

void UseHeapUntil(int wanted_runs) {
  const time_t start = time(nullptr);
  while (handler_runs < wanted_runs && time(nullptr) - start < 20) {
    std::vector<std::string> texts;
    for (size_t i = 0; i < 200; ++i) texts.emplace_back(i * 37 % 5000, 'x');
    // Hand blocks of the heap to the handler, which frees them.
    void* block = malloc(50);
    void* expected = from_handler;
    if (expected == nullptr)
      from_handler = block;
    else
      free(block);
  }
}

TEST(Reentry, SignalHandlersMayAllocate) {
  {
    Interrupts interrupts(&AllocateInHandler);
    UseHeapUntil(200);
  }
  EXPECT_GE(handler_runs, 100);
  EXPECT_EQ(dbgalloc_check_heap_now(), 0u);
}

TEST(Reentry, SignalHandlersOfSeveralThreadsMayAllocate) {
  {
    Interrupts interrupts([](int) {
      free(malloc(1000));
      ++handler_runs;
    });
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([] { UseHeapUntil(200); });
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(dbgalloc_check_heap_now(), 0u);
}

TEST(Reentry, SignalHandlersMayFork) {
  {
    Interrupts interrupts(&ForkInHandler);
    UseHeapUntil(50);
  }
  EXPECT_GE(handler_runs, 20);
  EXPECT_EQ(dbgalloc_check_heap_now(), 0u);
}

// It allocates under a lock of its own, and is the first in the thread to do
// so; an allocator that asks it for the stack's bounds hangs.
TEST(Reentry, GetattrMayBeAThreadsFirstAllocation) {
  pthread_t thread;
  ASSERT_EQ(pthread_create(
                &thread, nullptr,
                [](void*) -> void* {
                  pthread_attr_t attributes;
                  pthread_getattr_np(pthread_self(), &attributes);
                  pthread_attr_destroy(&attributes);
                  return nullptr;
                },
                nullptr),
            0);
  struct timespec deadline;
  clock_gettime(CLOCK_REALTIME, &deadline);
  deadline.tv_sec += 20;
  ASSERT_EQ(pthread_timedjoin_np(thread, nullptr, &deadline), 0);
}

}  // namespace
