#include <elf.h>
#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "alloc/os/clock.h"
#include "alloc/os/errno_keeper.h"
#include "alloc/os/pages.h"
#include "alloc/os/thread_tracer.h"

namespace dbgalloc::os {
namespace {

constexpr size_t kStackSize = size_t{64} << 10;
// Nanoseconds: between two looks at a helper, and at threads that stop.
constexpr long kLookAgain = 10'000'000;
constexpr long kPause = 20'000;

// PTRACE_EVENT_STOP, which <sys/ptrace.h> of some systems lacks.
constexpr int kStopEvent = 128;

#if defined(__x86_64__)
constexpr int kVectorRegisters = NT_X86_XSTATE;
#elif defined(__aarch64__)
constexpr int kVectorRegisters = NT_PRFPREG;
#elif defined(__i386__)
constexpr int kVectorRegisters = NT_PRXFPREG;
#elif defined(__riscv)
constexpr int kVectorRegisters = NT_PRFPREG;
#endif

// The helper shares the caller's errno, so the caller waits while it works.
void FutexWait(std::atomic<uint32_t>& word, uint32_t value,
               const struct timespec* timeout) {
  syscall(SYS_futex, &word, FUTEX_WAIT, value, timeout, nullptr, 0);
}

void FutexWake(std::atomic<uint32_t>& word) {
  syscall(SYS_futex, &word, FUTEX_WAKE, INT32_MAX, nullptr, nullptr, 0);
}

long Ptrace(int request, int thread, uintptr_t address, uintptr_t data) {
  return syscall(SYS_ptrace, request, thread, address, data);
}

uint32_t ReadRegisters(int thread, int kind, void* buffer, size_t capacity) {
  iovec part = {buffer, capacity};
  return Ptrace(PTRACE_GETREGSET, thread, static_cast<uintptr_t>(kind),
                reinterpret_cast<uintptr_t>(&part)) == 0
             ? static_cast<uint32_t>(part.iov_len)
             : 0;
}

#if defined(__x86_64__)
// Calls that end with EINTR whenever their thread is woken, and that wait for
// the same thing when they are made again.
bool EndsWhenWoken(uint64_t call) {
  switch (call) {
    case SYS_epoll_wait:
    case SYS_epoll_pwait:
    case SYS_epoll_pwait2:
    case SYS_rt_sigtimedwait:
    case SYS_semop:
    case SYS_semtimedop:
    case SYS_io_getevents:
      return true;
    default:
      return false;
  }
}

// As if the kernel had left it to signals: it makes the call anew, or ends it
// with EINTR when a handler runs first.
void GoOnWithCall(int thread, user_regs_struct registers) {
  constexpr uint64_t kRestartUnlessHandled = 514;  // ERESTARTNOHAND
  if (!EndsWhenWoken(registers.orig_rax)) return;
  if (registers.rax != ~uint64_t{EINTR} + 1) return;
  registers.rax = ~kRestartUnlessHandled + 1;
  iovec part = {&registers, sizeof(registers)};
  Ptrace(PTRACE_SETREGSET, thread, NT_PRSTATUS,
         reinterpret_cast<uintptr_t>(&part));
}

void NoteGeneral(TracedThread& thread) {
  const auto& registers =
      *reinterpret_cast<const user_regs_struct*>(thread.general);
  thread.stack_pointer = registers.rsp;
  thread.descriptor = registers.fs_base;
  if (thread.signal == 0) GoOnWithCall(thread.kernel_id, registers);
}
#elif defined(__aarch64__)
// What a call was given first is lost once it has ended, so none is made anew.
void NoteGeneral(TracedThread& thread) {
  const auto& registers =
      *reinterpret_cast<const user_regs_struct*>(thread.general);
  thread.stack_pointer = registers.sp;
  ReadRegisters(thread.kernel_id, NT_ARM_TLS, &thread.descriptor,
                sizeof(thread.descriptor));
}
#elif defined(__i386__)
// The segment register tells where the descriptor is only by a table.
void NoteGeneral(TracedThread& thread) {
  const auto& registers =
      *reinterpret_cast<const user_regs_struct*>(thread.general);
  thread.stack_pointer = static_cast<uintptr_t>(registers.esp);
}
#elif defined(__riscv)
void NoteGeneral(TracedThread& thread) {
  const auto& registers =
      *reinterpret_cast<const user_regs_struct*>(thread.general);
  thread.stack_pointer = registers.sp;
  thread.descriptor = registers.tp;
}
#endif

void NoteRegisters(TracedThread& thread) {
  thread.general_size =
      ReadRegisters(thread.kernel_id, NT_PRSTATUS, thread.general,
                    TracedThread::kGeneralCapacity);
  thread.vector_size =
      ReadRegisters(thread.kernel_id, kVectorRegisters, thread.vectors,
                    TracedThread::kVectorCapacity);
  if (thread.general_size >= sizeof(user_regs_struct)) NoteGeneral(thread);
}

void Seize(TracedThread& thread) {
  using State = TracedThread::State;
  if (Ptrace(PTRACE_SEIZE, thread.kernel_id, 0, 0) != 0) {
    thread.state = errno == ESRCH ? State::kGone : State::kRefused;
  } else {
    Ptrace(PTRACE_INTERRUPT, thread.kernel_id, 0, 0);
    thread.state = State::kSeized;
  }
}

}  // namespace

// --- the helper ---

int ThreadTracer::RunHelper(void* self) {
  ThreadTracer& tracer = *static_cast<ThreadTracer*>(self);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != tracer.parent_) return 1;
  uint32_t served = 0;
  while (tracer.ServeOne(&served)) {
  }
  for (size_t i = 0; i < tracer.count_; ++i) {
    const TracedThread& thread = tracer.threads_[i];
    if (thread.state != TracedThread::State::kStopped) continue;
    Ptrace(PTRACE_DETACH, thread.kernel_id, 0,
           static_cast<uintptr_t>(thread.signal));
  }
  return 0;
}

// False: it is over.
bool ThreadTracer::ServeOne(uint32_t* served) {
  uint32_t asked;
  while ((asked = asked_.load(std::memory_order_acquire)) == *served) {
    FutexWait(asked_, *served, nullptr);
  }
  *served = asked;
  if (is_over_) return false;
  SeizeNew();
  CollectUntilDeadline();
  served_.store(asked, std::memory_order_release);
  FutexWake(served_);
  return true;
}

void ThreadTracer::SeizeNew() {
  for (size_t i = first_; i < count_; ++i) Seize(threads_[i]);
}

void ThreadTracer::CollectUntilDeadline() {
  using State = TracedThread::State;
  for (bool all = false; !all;) {
    all = true;
    const bool is_late = MonotonicNanoseconds() >= deadline_;
    for (size_t i = first_; i < count_; ++i) {
      TracedThread& thread = threads_[i];
      if (thread.state != State::kSeized || Collect(thread)) continue;
      if (is_late) thread.state = State::kNoAnswer;
      all = false;
    }
    const struct timespec pause = {0, kPause};
    if (!all) nanosleep(&pause, nullptr);
  }
}

// Whether the thread has stopped or gone.
bool ThreadTracer::Collect(TracedThread& thread) {
  int status = 0;
  const long waited =
      syscall(SYS_wait4, thread.kernel_id, &status, __WALL | WNOHANG, nullptr);
  if (waited == 0) return false;
  if (waited < 0 || !WIFSTOPPED(status)) {
    thread.state = TracedThread::State::kGone;
    return true;
  }
  thread.signal = status >> 16 == kStopEvent ? 0 : WSTOPSIG(status);
  NoteRegisters(thread);
  thread.state = TracedThread::State::kStopped;
  return true;
}

// --- the caller ---

bool ThreadTracer::Start(TracedThread* threads) {
  ErrnoKeeper keeper;
  threads_ = threads;
  parent_ = getpid();
  stack_ = MapPages(kStackSize, PageSize());
  if (stack_ == nullptr) return false;
  // The end of the helper is told by no signal, so the program's wait() does
  // not see it; debuggers do not follow.
  helper_ = clone(&RunHelper, static_cast<char*>(stack_) + kStackSize,
                  CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_UNTRACED, this);
  // Where the Yama security module asks for it. What the program may have set
  // itself cannot be read, and so is not restored.
  if (helper_ > 0) prctl(PR_SET_PTRACER, helper_, 0, 0, 0);
  return helper_ > 0;
}

bool ThreadTracer::HelperIsAlive() {
  if (helper_ <= 0) return false;
  if (syscall(SYS_wait4, helper_, nullptr, __WALL | WNOHANG, nullptr) == 0) {
    return true;
  }
  helper_ = 0;
  return false;
}

bool ThreadTracer::Stop(size_t count, uint64_t deadline) {
  using State = TracedThread::State;
  ErrnoKeeper keeper;
  first_ = count_;
  count_ = count;
  deadline_ = deadline;
  const uint32_t ticket = asked_.fetch_add(1, std::memory_order_release) + 1;
  FutexWake(asked_);
  const struct timespec slice = {0, kLookAgain};
  for (;;) {
    const uint32_t served = served_.load(std::memory_order_acquire);
    if (served == ticket) break;
    FutexWait(served_, served, &slice);
    // A filter may kill whoever calls ptrace.
    if (!HelperIsAlive()) return false;
  }
  for (size_t i = first_; i < count_; ++i) {
    if (threads_[i].state == State::kRefused) return false;
  }
  return true;
}

void ThreadTracer::End() {
  ErrnoKeeper keeper;
  if (helper_ > 0) {
    is_over_ = true;
    asked_.fetch_add(1, std::memory_order_release);
    FutexWake(asked_);
    long waited;
    do {
      waited = syscall(SYS_wait4, helper_, nullptr, __WALL, nullptr);
    } while (waited < 0 && errno == EINTR);
    prctl(PR_SET_PTRACER, 0, 0, 0, 0);
    helper_ = 0;
  }
  if (stack_ != nullptr) ReleasePages(stack_, kStackSize);
  stack_ = nullptr;
}

}  // namespace dbgalloc::os
