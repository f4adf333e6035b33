// Programs without leaks: what they allocate is held by stacks, registers and
// thread locals.
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>

#include "dbgalloc/c_api.h"
#include "testdata/leaks/scenario.h"

namespace leaks {
namespace {

std::atomic<int> ready{0};
std::atomic<bool> done{false};

// Starts a thread and returns when it has said that it is ready.
pthread_t StartThread(void* (*work)(void*)) {
  pthread_t thread;
  const int before = ready;
  pthread_create(&thread, nullptr, work, nullptr);
  while (ready == before) usleep(100);
  return thread;
}

// A check while the thread still holds what it holds.
void CheckAndJoin(pthread_t thread) {
  if (dbgalloc_check_leaks_now() != 0) puts("leaks");
  done = true;
  pthread_join(thread, nullptr);
}

LEAK_SCENARIO(quiet_local) {
  void* volatile local = Take(100);
  if (dbgalloc_check_leaks_now() != 0) puts("leaks");
  free(local);
}

LEAK_SCENARIO(quiet_local_of_caller_of_exit) {
  void* volatile local = Take(100);
  if (local != nullptr) exit(0);
}

LEAK_SCENARIO(quiet_register) {
#if defined(__x86_64__)
  register void* kept asm("r12") = Take(100);
  ClearStack();
  asm volatile("" : "+r"(kept));
  const size_t leaks = dbgalloc_check_leaks_now();
  asm volatile("" : "+r"(kept));
  if (leaks != 0) puts("leaks");
  free(kept);
#endif
}

LEAK_SCENARIO(quiet_thread_stack) {
  CheckAndJoin(StartThread([](void*) -> void* {
    void* volatile local = Take(100);
    ++ready;
    while (!done) usleep(1000);
    free(local);
    return nullptr;
  }));
}

LEAK_SCENARIO(quiet_thread_register) {
  CheckAndJoin(StartThread([](void*) -> void* {
#if defined(__x86_64__)
    register void* kept asm("r12") = Take(100);
    ClearStack();
    ++ready;
    while (!done) asm volatile("" : "+r"(kept));
    free(kept);
#else
    ++ready;
#endif
    return nullptr;
  }));
}

LEAK_SCENARIO(quiet_thread_vector_register) {
  CheckAndJoin(StartThread([](void*) -> void* {
#if defined(__x86_64__)
    void* block = Take(100);
    asm volatile("movq %0, %%xmm7\n xor %0, %0" : "+r"(block) : : "xmm7");
    ClearStack();
    asm volatile(
        "lock incl %0\n"
        "1: pause\n cmpb $0, %1\n je 1b\n"
        : "+m"(ready)
        : "m"(done)
        : "xmm7", "memory");
    asm volatile("movq %%xmm7, %0" : "=r"(block));
    free(block);
#else
    ++ready;
#endif
    return nullptr;
  }));
}

LEAK_SCENARIO(quiet_thread_asleep) {
  CheckAndJoin(StartThread([](void*) -> void* {
    void* volatile local = Take(100);
    ++ready;
    while (!done) sleep(1);
    free(local);
    return nullptr;
  }));
}

LEAK_SCENARIO(quiet_thread_in_read) {
  static int ends[2];
  if (pipe(ends) != 0) return;
  const pthread_t thread = StartThread([](void*) -> void* {
    char* buffer = static_cast<char*>(Take(100));
    ++ready;
    // The system call alone knows the buffer.
    if (read(ends[0], buffer, 100) == 1) free(Hide(buffer));
    return nullptr;
  });
  usleep(2000);
  if (dbgalloc_check_leaks_now() != 0) puts("leaks");
  if (write(ends[1], "x", 1) == 1) pthread_join(thread, nullptr);
}

LEAK_SCENARIO(quiet_thread_waits_for_signals) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  const pthread_t thread = StartThread([](void*) -> void* {
    void* volatile local = Take(100);
    sigset_t waited;
    sigemptyset(&waited);
    sigaddset(&waited, SIGUSR1);
    int signal = 0;
    ++ready;
    if (sigwait(&waited, &signal) != 0) puts("no signal");
    free(local);
    return nullptr;
  });
  usleep(2000);
  if (dbgalloc_check_leaks_now() != 0) puts("leaks");
  pthread_kill(thread, SIGUSR1);
  pthread_join(thread, nullptr);
}

// By a system call of its own: the C library would leave one signal out.
void BlockAllSignals() {
  const uint64_t all = ~uint64_t{0};
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, nullptr, sizeof(all));
}

LEAK_SCENARIO(quiet_thread_blocks_all_signals) {
  CheckAndJoin(StartThread([](void*) -> void* {
    BlockAllSignals();
    void* volatile local = Take(100);
    ++ready;
    while (!done) usleep(1000);
    free(local);
    return nullptr;
  }));
}

LEAK_SCENARIO(quiet_thread_blocks_all_signals_register) {
  CheckAndJoin(StartThread([](void*) -> void* {
#if defined(__x86_64__)
    BlockAllSignals();
    register void* kept asm("r12") = Take(100);
    ClearStack();
    ++ready;
    while (!done) {
      asm volatile("" : "+r"(kept));
      usleep(1000);
    }
    free(kept);
#else
    ++ready;
#endif
    return nullptr;
  }));
}

thread_local void* thread_local_block;
thread_local char thread_local_bytes[5000];

LEAK_SCENARIO(quiet_thread_local) { thread_local_block = Take(100); }

LEAK_SCENARIO(quiet_thread_local_of_thread) {
  CheckAndJoin(StartThread([](void*) -> void* {
    void* block = Take(100);
    memcpy(thread_local_bytes + 4000, &block, sizeof(block));
    thread_local_block = Take(10);
    block = nullptr;
    ++ready;
    while (!done) usleep(1000);
    free(thread_local_block);
    memcpy(&block, thread_local_bytes + 4000, sizeof(block));
    free(block);
    return nullptr;
  }));
}

using KeepFunction = void (*)(void*);

LEAK_SCENARIO(quiet_library_thread_local) {
  void* library = dlopen(library_path, RTLD_NOW);
  reinterpret_cast<KeepFunction>(dlsym(library, "KeepLocal"))(Take(100));
}

KeepFunction keep_local;

LEAK_SCENARIO(quiet_library_thread_local_of_thread) {
  void* library = dlopen(library_path, RTLD_NOW);
  keep_local = reinterpret_cast<KeepFunction>(dlsym(library, "KeepLocal"));
  static const auto local =
      reinterpret_cast<void* (*)()>(dlsym(library, "Local"));
  CheckAndJoin(StartThread([](void*) -> void* {
    keep_local(Take(100));
    ++ready;
    while (!done) usleep(1000);
    free(local());
    return nullptr;
  }));
}

pthread_key_t keys[400];

LEAK_SCENARIO(quiet_pthread_keys) {
  // From the 33rd on, values lie in tables of their own.
  for (pthread_key_t& key : keys) pthread_key_create(&key, nullptr);
  for (int i = 0; i < 400; i += 13) pthread_setspecific(keys[i], Take(10));
}

LEAK_SCENARIO(quiet_pthread_keys_of_thread) {
  for (pthread_key_t& key : keys) pthread_key_create(&key, free);
  CheckAndJoin(StartThread([](void*) -> void* {
    for (int i = 0; i < 400; i += 13) pthread_setspecific(keys[i], Take(10));
    ++ready;
    while (!done) usleep(1000);
    return nullptr;
  }));
}

LEAK_SCENARIO(quiet_threads_that_ended) {
  for (int i = 0; i < 20; ++i) {
    done = false;
    CheckAndJoin(StartThread([](void*) -> void* {
      thread_local_block = Take(10);
      free(thread_local_block);
      ++ready;
      return nullptr;
    }));
  }
}

// --- Stacks that the program makes ------------------------------------------

ucontext_t main_context;
ucontext_t made_context;

void HoldAndSwitchBack() {
  void* volatile local = Take(100);
  swapcontext(&made_context, &main_context);
  free(local);
}

void HoldAndCheck() {
  void* volatile local = Take(100);
  if (dbgalloc_check_leaks_now() != 0) puts("leaks");
  free(local);
}

constexpr size_t kStackSize = 256 << 10;

void SwitchTo(void (*function)(), void* stack) {
  getcontext(&made_context);
  made_context.uc_stack.ss_sp = stack;
  made_context.uc_stack.ss_size = kStackSize;
  made_context.uc_link = &main_context;
  makecontext(&made_context, function, 0);
  swapcontext(&main_context, &made_context);
}

void* MappedStack() {
  return mmap(nullptr, kStackSize, PROT_READ | PROT_WRITE,
              MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
}

LEAK_SCENARIO(quiet_suspended_stack_in_heap) {
  SwitchTo(HoldAndSwitchBack, Take(kStackSize));
}

LEAK_SCENARIO(quiet_suspended_stack_in_mapping) {
  SwitchTo(HoldAndSwitchBack, MappedStack());
}

LEAK_SCENARIO(quiet_running_on_made_stack) {
  void* volatile local_of_main_stack = Take(10);
  void* stack = Take(kStackSize);
  SwitchTo(HoldAndCheck, stack);
  free(stack);
  free(local_of_main_stack);
}

LEAK_SCENARIO(quiet_running_on_mapped_stack) {
  void* volatile local_of_main_stack = Take(10);
  SwitchTo(HoldAndCheck, MappedStack());
  free(local_of_main_stack);
}

void CheckInHandler(int) { HoldAndCheck(); }

LEAK_SCENARIO(quiet_signal_stack) {
  void* volatile local = Take(10);
  stack_t stack = {};
  stack.ss_sp = MappedStack();
  stack.ss_size = kStackSize;
  sigaltstack(&stack, nullptr);
  struct sigaction action = {};
  action.sa_handler = CheckInHandler;
  action.sa_flags = SA_ONSTACK;
  sigaction(SIGUSR2, &action, nullptr);
  raise(SIGUSR2);
  free(local);
}

LEAK_SCENARIO(quiet_forked_child_of_threads) {
  // What only the lost threads held is not the child's leak.
  const pthread_t thread = StartThread([](void*) -> void* {
    void* volatile local = Take(100);
    ++ready;
    while (!done) usleep(1000);
    free(local);
    return nullptr;
  });
  if (fork() == 0) exit(0);
  CheckAndJoin(thread);
}

}  // namespace
}  // namespace leaks
