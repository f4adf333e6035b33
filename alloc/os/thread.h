// Threads as reports name them: T0 is the first thread that asked, T1 the
// second, and so on; a number is never given twice in a process. Names outlive
// their threads.
#ifndef DBGALLOC_ALLOC_OS_THREAD_H_
#define DBGALLOC_ALLOC_OS_THREAD_H_

#include <cstddef>
#include <cstdint>

namespace dbgalloc::os {

using ThreadIndex = uint32_t;

// Threads numbered from here on share this number; they are no longer told
// apart in reports.
inline constexpr ThreadIndex kMaxThreads = 1 << 16;

// The calling thread's number; given out at the first call. Lock-free,
// async-signal-safe, never allocates. One thread-local load once it is known.
inline ThreadIndex CurrentThread();

// Copies the thread's name (terminated, cut to capacity) and returns its
// length: the present name while the thread lives, the last known one after.
std::size_t ThreadName(ThreadIndex thread, char* buffer, std::size_t capacity);

// The kernel's number of the thread; 0 when unknown.
int KernelThreadId(ThreadIndex thread);

// The number of a living thread that the kernel has another number for;
// kMaxThreads when it has none here.
ThreadIndex FindThread(int kernel_id);

// Where the C library keeps its descriptor of a thread (see program_data.h); 0
// when unknown.
uintptr_t ThreadDescriptorOf(ThreadIndex thread);

// False: the process certainly has one thread only.
bool MayHaveThreads();

// Notes the name of the calling thread for the time after its end. Called when
// a thread exits.
void RememberCurrentThreadName();

// Where the calling thread's stack lies: addresses in [low, high) are mapped or
// will be when touched. `low` is below the caller's frame, but need not be the
// stack's end: it moves down as the thread is seen deeper. A caller that runs
// on another stack (a coroutine's, a signal handler's) is not in the bounds.
// Asks the kernel at first and when it goes deeper, else a thread-local load;
// takes no lock and never allocates.
struct StackBounds {
  uintptr_t low = 0;
  uintptr_t high = 0;
};
StackBounds CurrentStackBounds();

// To be called in the child after fork: the calling thread keeps its number.
void ResetThreadsAfterFork();

// Whether the calling thread is the process's first one.
bool IsMainThread();

void Yield();

inline constexpr ThreadIndex kUnknownThread = UINT32_MAX;
#if defined(__GNUC__) || defined(__clang__)
[[gnu::tls_model("initial-exec")]]
#endif
inline constinit thread_local ThreadIndex current_thread_index = kUnknownThread;
ThreadIndex RegisterCurrentThread();

inline ThreadIndex CurrentThread() {
  ThreadIndex index = current_thread_index;
  if (__builtin_expect(index != kUnknownThread, 1)) return index;
  return RegisterCurrentThread();
}

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_THREAD_H_
