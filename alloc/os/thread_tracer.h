// Stops other threads of this process by ptrace, from a helper process that
// shares its memory, since no thread may trace its own process.
//
//   caller:  Start -> Stop(n) -> ... -> End
//   helper:           seize and interrupt the new ones,    let them go, end
//                     note their registers
//
// No signal is sent and no handler runs, so a thread is stopped whatever it
// blocks, and a system call in which it sleeps goes on afterwards; where the
// kernel would make that one return EINTR, it is told to begin it anew (on
// x86-64; epoll_wait and sigtimedwait get their whole time again).
#ifndef DBGALLOC_ALLOC_OS_THREAD_TRACER_H_
#define DBGALLOC_ALLOC_OS_THREAD_TRACER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace dbgalloc::os {

// One thread, filled in by the helper; a page, so that what is not used costs
// nothing.
struct alignas(4096) TracedThread {
  enum class State : uint32_t {
    kNew,
    kSeized,
    kStopped,
    kGone,
    kRefused,
    kNoAnswer,
  };
  static constexpr size_t kGeneralCapacity = 512;
  static constexpr size_t kVectorCapacity = 3536;

  int kernel_id;
  State state;
  int signal;  // that was being delivered, and will be
  uint32_t general_size;
  uint32_t vector_size;
  uintptr_t stack_pointer;
  uintptr_t descriptor;  // see program_data.h
  alignas(16) unsigned char general[kGeneralCapacity];
  alignas(16) unsigned char vectors[kVectorCapacity];
};
static_assert(sizeof(TracedThread) == 4096);

// The caller's signals are blocked from Start() to End().
class ThreadTracer {
 public:
  ThreadTracer() = default;
  ~ThreadTracer() { End(); }
  ThreadTracer(const ThreadTracer&) = delete;
  ThreadTracer& operator=(const ThreadTracer&) = delete;

  // Makes the helper, which will look at `threads`. False: refused.
  bool Start(TracedThread* threads);

  // Stops the threads before `count` that no earlier call has, or gives up at
  // the deadline. False: the kernel allows no ptrace here; all run again.
  bool Stop(size_t count, uint64_t deadline);

  // Lets all go on.
  void End();

 private:
  static int RunHelper(void* self);
  bool ServeOne(uint32_t* served);
  void SeizeNew();
  void CollectUntilDeadline();
  bool Collect(TracedThread& thread);
  bool HelperIsAlive();

  int helper_ = 0;
  int parent_ = 0;
  void* stack_ = nullptr;
  TracedThread* threads_ = nullptr;
  size_t first_ = 0;  // of those to be stopped
  size_t count_ = 0;
  uint64_t deadline_ = 0;
  bool is_over_ = false;
  std::atomic<uint32_t> asked_{0};
  std::atomic<uint32_t> served_{0};
};

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_THREAD_TRACER_H_
