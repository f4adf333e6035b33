// Programs that leak. What is to be reported stands above each: bytes, blocks,
// and the function that allocated, "held" in front of what other lost blocks
// hold; the options of the run behind "options".
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "dbgalloc/c_api.h"
#include "dbgalloc/scoped_leak_check.h"
#include "testdata/leaks/scenario.h"

extern "C" {
[[gnu::weak]] void __lsan_do_leak_check(void);
[[gnu::weak]] int __lsan_do_recoverable_leak_check(void);
}  // extern "C"

namespace leaks {
namespace {

// Volatile: nobody reads it, and it is written nevertheless.
void* volatile global;

// Functions that allocate, so that reports can name them. They differ, lest the
// linker or the compiler make one of them.
[[gnu::noinline]] void* TakeInner(size_t size) {
  void* block = Take(size);
  asm volatile("# inner" : : "r"(block) : "memory");
  return block;
}
[[gnu::noinline]] void* TakeOuter(size_t size) {
  void* block = Take(size);
  asm volatile("# outer" : : "r"(block) : "memory");
  return block;
}

// LOST: 100 1 TakeOuter
LEAK_SCENARIO(lost_one) {
  WithoutTrace([] { TakeOuter(100); });
}

// LOST: 300 3 TakeOuter
LEAK_SCENARIO(lost_three) {
  WithoutTrace([] {
    for (volatile int i = 0; i < 3; i = i + 1) TakeOuter(100);
  });
}

// LOST: 500 1 TakeOuter
// LOST: 20 1 TakeInner
LEAK_SCENARIO(lost_largest_first) {
  WithoutTrace([] {
    TakeInner(20);
    TakeOuter(500);
  });
}

// LOST: 64 1 TakeOuter
// LOST: held 200 2 TakeInner
LEAK_SCENARIO(lost_with_what_it_holds) {
  WithoutTrace([] {
    auto** outer = static_cast<void**>(TakeOuter(64));
    for (volatile int i = 0; i < 2; i = i + 1) outer[i] = TakeInner(100);
  });
}

// LOST: 32 1 TakeOuter
// LOST: held 32 1 TakeInner
LEAK_SCENARIO(lost_ring) {
  WithoutTrace([] {
    auto** outer = static_cast<void**>(TakeOuter(32));
    outer[0] = TakeInner(32);
    *static_cast<void**>(outer[0]) = outer;
  });
}

// LOST: 16 1 TakeOuter
LEAK_SCENARIO(lost_holding_itself) {
  WithoutTrace([] {
    auto** outer = static_cast<void**>(TakeOuter(16));
    outer[0] = outer;
  });
}

// The oldest of the ring is held by a block that came later.
// LOST: 24 1 TakeOuter
// LOST: held 64 2 TakeInner
LEAK_SCENARIO(lost_head_of_ring) {
  WithoutTrace([] {
    void** ring[2];
    for (volatile int i = 0; i < 2; i = i + 1) {
      ring[i] = static_cast<void**>(TakeInner(32));
    }
    ring[0][0] = ring[1];
    ring[1][0] = ring[0];
    *static_cast<void**>(TakeOuter(24)) = ring[0];
    memset(ring, 0, sizeof(ring));
    Opaque(ring);
  });
}

// LOST: 3000000 1 TakeOuter
// LOST: held 10 1 TakeInner
LEAK_SCENARIO(lost_large) {
  WithoutTrace([] {
    auto** outer = static_cast<void**>(TakeOuter(3000000));
    outer[200000] = TakeInner(10);
  });
}

// LOST: 100 1 TakeOuter
LEAK_SCENARIO(lost_overwritten_global) {
  WithoutTrace([] { global = TakeOuter(100); });
  global = nullptr;
}

// LOST: 100 1 TakeOuter
LEAK_SCENARIO(lost_in_freed_block) {
  WithoutTrace([] {
    auto** outer = static_cast<void**>(Take(64));
    outer[0] = TakeOuter(100);
    free(outer);
    global = outer;
  });
}

// LOST: 80 1 TakeOuter
LEAK_SCENARIO(lost_unregistered_region) {
  WithoutTrace([] {
    void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *static_cast<void**>(page) = TakeOuter(80);
    dbgalloc_register_root_region(page, 4096);
    dbgalloc_unregister_root_region(page, 4096);
  });
}

void* LoseInThread(void*) {
  void* volatile local = TakeOuter(120);
  (void)local;
  return nullptr;
}

// On the stack of a thread that ended; the C library keeps it for the next.
// LOST: 120 1 TakeOuter
LEAK_SCENARIO(lost_in_ended_thread) {
  pthread_t thread;
  pthread_create(&thread, nullptr, LoseInThread, nullptr);
  pthread_join(thread, nullptr);
}

void* SleepForEver(void*) {
  for (;;) pause();
}

void StartSleeper() {
  pthread_t thread;
  pthread_create(&thread, nullptr, SleepForEver, nullptr);
}

// LOST: 170 1 TakeOuter
LEAK_SCENARIO(lost_beside_a_thread) {
  StartSleeper();
  WithoutTrace([] { TakeOuter(170); });
}

// LOST: 180 1 TakeOuter
LEAK_SCENARIO(lost_while_a_thread_goes_on) {
  StartSleeper();
  WithoutTrace([] { TakeOuter(180); });
  if (dbgalloc_check_leaks_now() != 1) _exit(7);
}

thread_local void* thread_local_block;

void* LoseInThreadLocal(void*) {
  thread_local_block = TakeOuter(130);
  return nullptr;
}

// LOST: 130 1 TakeOuter
LEAK_SCENARIO(lost_in_thread_local_of_ended_thread) {
  pthread_t thread;
  pthread_create(&thread, nullptr, LoseInThreadLocal, nullptr);
  pthread_join(thread, nullptr);
}

// Below the live part of the stack.
[[gnu::noinline]] void LeaveOnStack() {
  void* volatile deep[64];
  for (void* volatile& place : deep) place = nullptr;
  deep[5] = TakeOuter(140);
}

// LOST: 140 1 TakeOuter
LEAK_SCENARIO(lost_below_the_stack) {
  LeaveOnStack();
  WithoutTrace([] {});
}

struct Node {
  std::shared_ptr<Node> other;
};

[[gnu::noinline]] std::shared_ptr<Node> TakeNode() {
  std::shared_ptr<Node> node = std::make_shared<Node>();
  asm volatile("" : : "r"(&node) : "memory");
  return node;
}

// LOST: 32 1 TakeNode
// LOST: held 32 1 TakeNode
LEAK_SCENARIO(lost_shared_pointers) {
  WithoutTrace([] {
    std::shared_ptr<Node> first = TakeNode();
    first->other = TakeNode();
    first->other->other = first;
  });
}

// LOST: 50 1 TakeOuter
LEAK_SCENARIO(lost_reported_once) {
  WithoutTrace([] { TakeOuter(50); });
  const size_t first = dbgalloc_check_leaks_now();
  const size_t second = dbgalloc_check_leaks_now();
  printf("%zu %zu\n", first, second);
}

// LOST: 50 1 TakeOuter
// LOST: 60 1 TakeInner
LEAK_SCENARIO(lost_one_after_the_other) {
  WithoutTrace([] { TakeOuter(50); });
  dbgalloc_check_leaks_now();
  WithoutTrace([] { TakeInner(60); });
}

// LOST: 50 1 TakeOuter
LEAK_SCENARIO(lost_recoverable_check) {
  WithoutTrace([] { TakeOuter(50); });
  printf("%d", __lsan_do_recoverable_leak_check());
  printf("%d\n", __lsan_do_recoverable_leak_check());
}

// The later leak is not looked for.
// LOST: 50 1 TakeOuter
LEAK_SCENARIO(lost_final_check) {
  WithoutTrace([] { TakeOuter(50); });
  __lsan_do_leak_check();
  WithoutTrace([] { TakeInner(60); });
}

// LOST: 55 1 TakeOuter
// LOST: 65 1 TakeInner
LEAK_SCENARIO(lost_in_a_region) {
  WithoutTrace([] { TakeInner(65); });
  dbgalloc::ScopedLeakCheck check("region");
  WithoutTrace([] { TakeOuter(55); });
  if (check.NoLeaks() || check.BytesLeaked() != 55) _exit(7);
}

// LOST: 55 1 TakeOuter
LEAK_SCENARIO(lost_in_a_region_that_nobody_asked) {
  dbgalloc::ScopedLeakCheck check("region");
  WithoutTrace([] { TakeOuter(55); });
}

// LOST: 70 1 TakeOuter
LEAK_SCENARIO(lost_in_forked_child) {
  const pid_t child = fork();
  if (child == 0) {
    WithoutTrace([] { TakeOuter(70); });
    exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  _exit(WEXITSTATUS(status));
}

// LOST: 40 1 TakeOuter
LEAK_SCENARIO(lost_outside_disabled_scope) {
  WithoutTrace([] {
    dbgalloc_disable_leaks();
    TakeInner(30);
    dbgalloc_enable_leaks();
    TakeOuter(40);
  });
}

// LOST: 90 1 TakeOuter
// OPTIONS: use_globals=0
LEAK_SCENARIO(lost_without_globals) {
  void* volatile local = TakeInner(10);
  WithoutTrace([] { global = TakeOuter(90); });
  dbgalloc_check_leaks_now();
  _exit(local == nullptr ? 0 : 23);
}

// LOST: 90 1 TakeOuter
// OPTIONS: use_stacks=0
LEAK_SCENARIO(lost_without_stacks) {
  void* volatile local = TakeOuter(90);
  WithoutTrace([] { global = TakeInner(10); });
  dbgalloc_check_leaks_now();
  _exit(local == nullptr ? 0 : 23);
}

// LOST: 90 1 TakeOuter
// OPTIONS: use_tls=0
LEAK_SCENARIO(lost_without_thread_locals) {
  WithoutTrace([] {
    global = TakeInner(10);
    thread_local_block = TakeOuter(90);
  });
}

// LOST: 15 1 TakeOuter
// OPTIONS: leak_exitcode=7
// STATUS: 7
LEAK_SCENARIO(lost_with_another_status) {
  WithoutTrace([] { TakeOuter(15); });
}

// LOST: 15 1 TakeOuter
// OPTIONS: leak_exitcode=0
// STATUS: 0
LEAK_SCENARIO(lost_without_status) {
  WithoutTrace([] { TakeOuter(15); });
}

// STATUS: 0
// OPTIONS: detect_leaks=0
LEAK_SCENARIO(lost_undetected) {
  WithoutTrace([] { TakeOuter(15); });
  if (dbgalloc_check_leaks_now() != 0) puts("leaks");
}

// The program's own status stays.
// LOST: 15 1 TakeOuter
// STATUS: 5
LEAK_SCENARIO(lost_in_failing_program) {
  WithoutTrace([] { TakeOuter(15); });
  exit(5);
}

// STATUS: 0
LEAK_SCENARIO(lost_before_hasty_end) {
  WithoutTrace([] { TakeOuter(15); });
  _exit(0);
}

// LOST: 15 1 TakeOuter
// REACHABLE: 25 1 TakeInner
// OPTIONS: leak_check=all
LEAK_SCENARIO(lost_and_reachable) {
  WithoutTrace([] {
    TakeOuter(15);
    global = TakeInner(25);
  });
}

}  // namespace
}  // namespace leaks
