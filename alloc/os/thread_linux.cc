#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/single_threaded.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

#include "alloc/os/errno_keeper.h"
#include "alloc/os/memory_probe.h"
#include "alloc/os/pages.h"
#include "alloc/os/raw_io.h"
#include "alloc/os/thread.h"

// The end of the main thread's stack; set by the loader before anything runs.
extern "C" [[gnu::weak]] void* __libc_stack_end;

namespace dbgalloc::os {
namespace {

constexpr size_t kNameSize = 16;  // TASK_COMM_LEN

struct ThreadEntry {
  std::atomic<int> kernel_id{0};
  std::atomic<uintptr_t> descriptor{0};
  char name[kNameSize] = {};  // written by the thread itself
};

struct ThreadLocalState {
  bool bounds_known = false;
  bool low_is_final = false;  // nothing of the stack lies below bounds.low
  StackBounds bounds;
  // Above here, nothing needs to be found out about the bounds.
  uintptr_t settled_low = UINTPTR_MAX;
};

constinit ThreadEntry threads[kMaxThreads];
constinit std::atomic<ThreadIndex> thread_count{0};
[[gnu::tls_model(
    "initial-exec")]] constinit thread_local ThreadLocalState this_thread;

int CurrentKernelId() { return static_cast<int>(syscall(SYS_gettid)); }

// "/proc/self/task/<id>/comm" without stdio.
void FormatCommPath(int kernel_id, char* path) {
  char digits[12];
  int count = 0;
  do {
    digits[count++] = static_cast<char>('0' + kernel_id % 10);
    kernel_id /= 10;
  } while (kernel_id != 0);
  char* out = stpcpy(path, "/proc/self/task/");
  while (count > 0) *out++ = digits[--count];
  strcpy(out, "/comm");
}

bool ReadLiveName(int kernel_id, char (&name)[kNameSize]) {
  char path[48];
  FormatCommPath(kernel_id, path);
  std::ptrdiff_t size = ReadFile(path, name, kNameSize);
  if (size <= 0) return false;
  name[size - 1] = '\0';  // the line's end
  return true;
}

// The main thread's stack grows on demand: its low end is where the resource
// limit ends it.
StackBounds MainThreadBounds() {
  if (&__libc_stack_end == nullptr || __libc_stack_end == nullptr) return {};
  uintptr_t end = reinterpret_cast<uintptr_t>(__libc_stack_end);
  struct rlimit limit = {};
  uintptr_t depth = uintptr_t{8} << 20;
  if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    depth = limit.rlim_cur;
  }
  uintptr_t low = depth < end ? end - depth : 0;
  return {low, end};
}

// Probed below the deepest frame seen, and how much of it may be used up before
// more is probed.
constexpr uintptr_t kProbedAhead = uintptr_t{64} << 10;
constexpr uintptr_t kKeptAhead = uintptr_t{32} << 10;
// A stack pointer farther below than this is on another stack.
constexpr uintptr_t kFarthestFrame = uintptr_t{256} << 20;

bool Holds(StackBounds bounds, uintptr_t address) {
  return address >= bounds.low && address < bounds.high;
}

// The C library keeps its descriptor of a thread, to which pthread_self()
// points, at the upper end of the thread's stack. (pthread_getattr_np knows the
// lower end too, but takes a lock that the caller may be holding: that very
// function allocates under it.)
void FindUpperEnd(ThreadLocalState& state, uintptr_t stack_pointer) {
  state.bounds_known = true;
  state.bounds = MainThreadBounds();
  state.low_is_final = Holds(state.bounds, stack_pointer);
  if (state.low_is_final) return;
  state.bounds.high = static_cast<uintptr_t>(pthread_self());
  state.bounds.low = state.bounds.high & ~uintptr_t{PageSize() - 1};
}

// Asks the kernel for one page after the other until some way below the stack
// pointer, or until the stack ends.
void ExtendDown(ThreadLocalState& state, uintptr_t stack_pointer) {
  StackBounds& bounds = state.bounds;
  if (state.low_is_final || stack_pointer >= bounds.high) return;
  if (bounds.high - stack_pointer > kFarthestFrame) return;
  while (bounds.low > stack_pointer ||
         stack_pointer - bounds.low < kProbedAhead) {
    if (!IsReadable(bounds.low - PageSize())) {
      state.low_is_final = true;
      return;
    }
    bounds.low -= PageSize();
  }
}

[[gnu::noinline]] StackBounds UpdateBounds(ThreadLocalState& state,
                                           uintptr_t stack_pointer) {
  ErrnoKeeper keeper;
  const bool is_first = !state.bounds_known;
  if (is_first) FindUpperEnd(state, stack_pointer);
  ExtendDown(state, stack_pointer);
  // The main thread, asking first on a stack that the program made.
  if (is_first && IsMainThread() && !Holds(state.bounds, stack_pointer)) {
    state.bounds = MainThreadBounds();
    state.low_is_final = true;
  }
  state.settled_low = state.bounds.low + (state.low_is_final ? 0 : kKeptAhead);
  return state.bounds;
}

}  // namespace

ThreadIndex RegisterCurrentThread() {
  ErrnoKeeper keeper;
  ThreadIndex index = thread_count.fetch_add(1, std::memory_order_relaxed);
  if (index >= kMaxThreads) index = kMaxThreads - 1;
  current_thread_index = index;
  threads[index].descriptor.store(static_cast<uintptr_t>(pthread_self()),
                                  std::memory_order_relaxed);
  threads[index].kernel_id.store(CurrentKernelId(), std::memory_order_release);
  prctl(PR_GET_NAME, threads[index].name);
  return index;
}

std::size_t ThreadName(ThreadIndex thread, char* buffer, std::size_t capacity) {
  ErrnoKeeper keeper;
  if (capacity == 0) return 0;
  char name[kNameSize] = {};
  if (thread < kMaxThreads) {
    memcpy(name, threads[thread].name, kNameSize);
    int kernel_id = threads[thread].kernel_id.load(std::memory_order_acquire);
    char live[kNameSize];
    if (kernel_id != 0 && ReadLiveName(kernel_id, live)) {
      memcpy(name, live, kNameSize);
    }
  }
  size_t size = strnlen(name, kNameSize);
  if (size >= capacity) size = capacity - 1;
  memcpy(buffer, name, size);
  buffer[size] = '\0';
  return size;
}

int KernelThreadId(ThreadIndex thread) {
  if (thread >= kMaxThreads) return 0;
  return threads[thread].kernel_id.load(std::memory_order_acquire);
}

ThreadIndex FindThread(int kernel_id) {
  const ThreadIndex count = thread_count.load(std::memory_order_acquire);
  for (ThreadIndex i = 0; i < kMaxThreads && i < count; ++i) {
    if (threads[i].kernel_id.load(std::memory_order_acquire) == kernel_id) {
      return i;
    }
  }
  return kMaxThreads;
}

uintptr_t ThreadDescriptorOf(ThreadIndex thread) {
  if (thread >= kMaxThreads) return 0;
  return threads[thread].descriptor.load(std::memory_order_relaxed);
}

bool MayHaveThreads() { return !__libc_single_threaded; }

void RememberCurrentThreadName() {
  ErrnoKeeper keeper;
  ThreadIndex index = CurrentThread();
  prctl(PR_GET_NAME, threads[index].name);
  threads[index].kernel_id.store(0, std::memory_order_release);
}

StackBounds CurrentStackBounds() {
  ThreadLocalState& state = this_thread;
  uintptr_t here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  if (__builtin_expect(here >= state.settled_low && here < state.bounds.high,
                       1)) {
    return state.bounds;
  }
  return UpdateBounds(state, here);
}

void ResetThreadsAfterFork() {
  for (ThreadIndex i = 0; i < kMaxThreads && i < thread_count.load(); ++i) {
    threads[i].kernel_id.store(0, std::memory_order_relaxed);
  }
  if (current_thread_index != kUnknownThread) {
    threads[current_thread_index].kernel_id.store(CurrentKernelId());
  }
}

bool IsMainThread() { return CurrentKernelId() == getpid(); }

void Yield() {
  ErrnoKeeper keeper;
  sched_yield();
}

}  // namespace dbgalloc::os
