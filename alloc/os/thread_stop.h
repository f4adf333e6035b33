// Stops the other threads of this process where they are, for as long as it
// takes to look at memory or to copy the process.
//
// A thread is sent a signal whose handler waits, with its registers on its own
// stack. The signal is one that the C library keeps to itself, so programs
// neither block it nor handle it. A thread that would not run the handler is
// never sent it: one that has blocked all signals by system calls of its own,
// or that takes signals off the queue. Of such a thread only the stack pointer
// and the arguments of the system call that it sleeps in are known.
//
// A system call that a stopped thread sleeps in goes on afterwards, or returns
// EINTR where the kernel has it so (signal(7)): nanosleep, poll, epoll_wait,
// select, sem_timedwait.
//
// Where ptrace is asked for and allowed, none of that is: see thread_tracer.h.
#ifndef DBGALLOC_ALLOC_OS_THREAD_STOP_H_
#define DBGALLOC_ALLOC_OS_THREAD_STOP_H_

#include <cstddef>
#include <cstdint>

#include "alloc/os/thread_tracer.h"

namespace dbgalloc::os {

enum class StopMethod : uint8_t {
  kSignal,
  kPtrace,  // or by a signal, where the kernel refuses it
};

// Why a thread was not stopped.
enum class StopOutcome : uint8_t {
  kStopped,
  kWaitsForSignals,  // it would take the signal off the queue
  kBlocksSignal,
  kNoAnswer,  // it did not stop in time
  kRefused,   // the kernel did not deliver the signal
};

// One other thread. Addresses are numbers; ranges are empty where nothing is
// known.
struct OtherThread {
  int kernel_id = 0;
  StopOutcome outcome = StopOutcome::kNoAnswer;
  uint32_t thread = UINT32_MAX;   // see thread.h; of those not stopped
  uintptr_t stack_pointer = 0;    // 0: not known
  uintptr_t descriptor = 0;       // see program_data.h; 0: not known
  uintptr_t registers_begin = 0;  // of a stopped thread: where they lie
  uintptr_t registers_end = 0;
  uintptr_t vectors_begin = 0;  // the registers of floating point and vectors
  uintptr_t vectors_end = 0;
  size_t argument_count = 0;  // of the system call that it sleeps in
  uintptr_t arguments[6] = {};
};

// The other threads of the process at one time. One object at a time in a
// process. What the caller does while they are stopped must need no lock that
// they may hold: it may not allocate in the C library, nor call the dynamic
// linker. Signals to the caller wait until Resume().
class ThreadStop {
 public:
  ThreadStop() = default;
  ~ThreadStop();
  ThreadStop(const ThreadStop&) = delete;
  ThreadStop& operator=(const ThreadStop&) = delete;

  // Stops them; a thread that has not answered after `patience` nanoseconds
  // counts as not stopped. False: the kernel does not tell which threads there
  // are, or there was no memory; then none is stopped.
  bool Stop(StopMethod method, uint64_t patience);

  // Lets them go on. They are still listed.
  void Resume();

  size_t size() const { return count_; }
  const OtherThread& operator[](size_t index) const;
  size_t stopped() const { return stopped_; }
  // More threads than could be listed.
  bool incomplete() const { return incomplete_; }
  // How they were stopped; ptrace was refused where it was asked for and this
  // says otherwise.
  StopMethod method() const { return method_; }
  bool ptrace_refused() const { return ptrace_refused_; }

  struct Slot;  // for the signal handler

 private:
  static Slot* Slots();
  static void Visit(void* context, int kernel_id);
  void Consider(int kernel_id);
  bool StopBySignal(uint64_t deadline);
  bool StopByPtrace(uint64_t deadline);
  void TakeOver(size_t index);
  void ReleaseTraced();
  void TryToSignal(Slot& slot);
  void WaitForAnswers(uint64_t deadline);
  bool AllSettled();
  void Settle();

  Slot* slots_ = nullptr;
  size_t count_ = 0;
  size_t listed_ = 0;  // threads that were ever listed, gone ones included
  size_t stopped_ = 0;
  size_t found_now_ = 0;
  bool incomplete_ = false;
  bool active_ = false;
  StopMethod method_ = StopMethod::kSignal;
  bool ptrace_refused_ = false;
  TracedThread* traced_ = nullptr;
  ThreadTracer tracer_;
  uint32_t generation_ = 0;
  uint64_t signals_before_ = 0;
};

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_THREAD_STOP_H_
