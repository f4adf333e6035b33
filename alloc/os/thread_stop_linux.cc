#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include <atomic>

#include "alloc/os/clock.h"
#include "alloc/os/errno_keeper.h"
#include "alloc/os/pages.h"
#include "alloc/os/program_data.h"
#include "alloc/os/thread.h"
#include "alloc/os/thread_state.h"
#include "alloc/os/thread_stop.h"
#include "alloc/os/thread_stop_slot.h"

#if defined(__x86_64__)
// What the kernel returns to from a handler that was installed without the C
// library.
asm(".pushsection .text\n"
    ".type dbgalloc_return_from_signal, @function\n"
    "dbgalloc_return_from_signal:\n"
    "  movq $15, %rax\n"  // rt_sigreturn
    "  syscall\n"
    ".size dbgalloc_return_from_signal, . - dbgalloc_return_from_signal\n"
    ".popsection\n");
extern "C" void dbgalloc_return_from_signal();
#elif defined(__i386__)
asm(".pushsection .text\n"
    ".type dbgalloc_return_from_signal, @function\n"
    "dbgalloc_return_from_signal:\n"
    "  movl $173, %eax\n"  // rt_sigreturn
    "  int $0x80\n"
    ".size dbgalloc_return_from_signal, . - dbgalloc_return_from_signal\n"
    ".popsection\n");
extern "C" void dbgalloc_return_from_signal();
#endif

namespace dbgalloc::os {
namespace {

// Kept by the C library to itself (for setuid in threads): its functions that
// block signals leave this one out.
constexpr int kStopSignal = 33;
constexpr uint64_t kMillisecond = 1'000'000;

// Which stop is in progress; its threads wait until the number changes.
constinit std::atomic<uint32_t> current_stop{0};
// Counts answers, for the thread that waits for them.
constinit std::atomic<uint32_t> answers{0};

// A handler as the kernel has it.
struct KernelAction {
  void (*handler)(int, siginfo_t*, void*);
  unsigned long flags;
  void (*restorer)();
  uint64_t mask;
};
constinit KernelAction previous = {};

void FutexWait(std::atomic<uint32_t>& word, uint32_t value,
               const struct timespec* timeout) {
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, value, timeout, nullptr, 0);
}

void FutexWakeAll(std::atomic<uint32_t>& word) {
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, INT32_MAX, nullptr, nullptr, 0);
}

void NoteRegisters(const ucontext_t& context, OtherThread& thread) {
#if defined(__x86_64__)
  const mcontext_t& machine = context.uc_mcontext;
  thread.stack_pointer = static_cast<uintptr_t>(machine.gregs[REG_RSP]);
  thread.registers_begin = reinterpret_cast<uintptr_t>(machine.gregs);
  thread.registers_end = thread.registers_begin + sizeof(machine.gregs);
  if (machine.fpregs == nullptr) return;
  // The kernel notes in bytes that the processor leaves alone how much of its
  // wider registers follows.
  constexpr uint32_t kExtendedMagic = 0x46505853;
  uint32_t note[2];
  thread.vectors_begin = reinterpret_cast<uintptr_t>(machine.fpregs);
  memcpy(note, reinterpret_cast<const char*>(machine.fpregs) + 464,
         sizeof(note));
  const size_t size = note[0] == kExtendedMagic ? note[1] : 512;
  thread.vectors_end = thread.vectors_begin + size;
#elif defined(__aarch64__)
  const mcontext_t& machine = context.uc_mcontext;
  thread.stack_pointer = machine.sp;
  thread.registers_begin = reinterpret_cast<uintptr_t>(machine.regs);
  thread.registers_end = thread.registers_begin + sizeof(machine.regs);
  thread.vectors_begin = reinterpret_cast<uintptr_t>(machine.__reserved);
  thread.vectors_end = thread.vectors_begin + sizeof(machine.__reserved);
#elif defined(__i386__)
  const mcontext_t& machine = context.uc_mcontext;
  thread.stack_pointer = static_cast<uintptr_t>(machine.gregs[REG_ESP]);
  thread.registers_begin = reinterpret_cast<uintptr_t>(machine.gregs);
  thread.registers_end = thread.registers_begin + sizeof(machine.gregs);
  if (machine.fpregs == nullptr) return;
  thread.vectors_begin = reinterpret_cast<uintptr_t>(machine.fpregs);
  thread.vectors_end = thread.vectors_begin + sizeof(*machine.fpregs);
#elif defined(__riscv)
  const mcontext_t& machine = context.uc_mcontext;
  thread.stack_pointer = machine.__gregs[REG_SP];
  thread.registers_begin = reinterpret_cast<uintptr_t>(machine.__gregs);
  thread.registers_end = thread.registers_begin + sizeof(machine.__gregs);
  thread.vectors_begin = reinterpret_cast<uintptr_t>(&machine.__fpregs);
  thread.vectors_end = thread.vectors_begin + sizeof(machine.__fpregs);
#endif
}

// A process has one table; handlers may look at it late.
constinit std::atomic<void*> slot_table{nullptr};

// What a stop signal carries: as many bits of the stop's number as fit beside
// the thread's index.
constexpr unsigned kIndexBits = 14;
constexpr uintptr_t kIndexMask = (uintptr_t{1} << kIndexBits) - 1;
static_assert(ThreadStop::Slot::kMost <= kIndexMask + 1);

uintptr_t Ticket(uint32_t generation, size_t index) {
  return uintptr_t{generation} << kIndexBits | index;
}

long SetSignalMask(const uint64_t* mask, uint64_t* before) {
  return syscall(SYS_rt_sigprocmask, SIG_SETMASK, mask, before,
                 sizeof(uint64_t));
}

// All but those that an instruction of the calling thread raises.
uint64_t SignalsToHoldBack() {
  uint64_t mask = ~uint64_t{0};
  for (int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT}) {
    mask &= ~(uint64_t{1} << (signal - 1));
  }
  return mask;
}

}  // namespace

// Runs in each stopped thread. Late ones, whose stop is over, go on at once.
static void OnStopSignal(int signal, siginfo_t* info, void* context) {
  ErrnoKeeper keeper;
  if (info->si_code != SI_QUEUE || info->si_pid != getpid()) {
    if (reinterpret_cast<uintptr_t>(previous.handler) > 1) {
      previous.handler(signal, info, context);
    }
    return;
  }
  const auto ticket = reinterpret_cast<uintptr_t>(info->si_value.sival_ptr);
  const uint32_t generation = current_stop.load(std::memory_order_acquire);
  if (Ticket(generation, ticket & kIndexMask) != ticket) return;
  using Slot = ThreadStop::Slot;
  Slot& slot = static_cast<Slot*>(
      slot_table.load(std::memory_order_acquire))[ticket & kIndexMask];
  uint32_t expected = Slot::kSignalled;
  if (!slot.state.compare_exchange_strong(expected, Slot::kAnswering)) return;
  slot.thread.descriptor = ThreadDescriptor();
  NoteRegisters(*static_cast<const ucontext_t*>(context), slot.thread);
  slot.state.store(Slot::kAnswered, std::memory_order_release);
  answers.fetch_add(1, std::memory_order_release);
  FutexWakeAll(answers);
  while (current_stop.load(std::memory_order_acquire) == generation) {
    FutexWait(current_stop, generation, nullptr);
  }
}

namespace {

// Stays installed: a signal may be delivered late.
bool InstallHandler() {
  KernelAction action = {};
  action.handler = &OnStopSignal;
  action.flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  action.mask = ~uint64_t{0};
#if defined(__x86_64__) || defined(__i386__)
  constexpr unsigned long kHasRestorer = 0x04000000;
  action.flags |= kHasRestorer;
  action.restorer = &dbgalloc_return_from_signal;
#endif
  KernelAction before = {};
  if (syscall(SYS_rt_sigaction, kStopSignal, &action, &before,
              sizeof(action.mask)) != 0) {
    return false;
  }
  if (before.handler != &OnStopSignal) previous = before;
  return true;
}

long SendStopSignal(int kernel_id, uintptr_t ticket) {
  siginfo_t info = {};
  info.si_signo = kStopSignal;
  info.si_code = SI_QUEUE;
  info.si_pid = getpid();
  info.si_uid = getuid();
  info.si_value.sival_ptr = reinterpret_cast<void*>(ticket);
  return syscall(SYS_rt_tgsigqueueinfo, getpid(), kernel_id, kStopSignal,
                 &info);
}

bool IsAlive(int kernel_id) {
  return syscall(SYS_tgkill, getpid(), kernel_id, 0) == 0 || errno != ESRCH;
}

}  // namespace

const OtherThread& ThreadStop::operator[](size_t index) const {
  return slots_[index].thread;
}

// What it says of addresses must not look like pointers of the program later.
ThreadStop::~ThreadStop() {
  Resume();
  for (size_t i = 0; i < listed_; ++i) slots_[i].thread = OtherThread();
  ReleaseTraced();
}

ThreadStop::Slot* ThreadStop::Slots() {
  void* table = slot_table.load(std::memory_order_acquire);
  if (table == nullptr) {
    size_t size = Slot::kMost * sizeof(Slot);
    size = (size + PageSize() - 1) & ~(PageSize() - 1);
    table = MapPages(size, PageSize());
    slot_table.store(table, std::memory_order_release);
  }
  return static_cast<Slot*>(table);
}

bool ThreadStop::Stop(StopMethod method, uint64_t patience) {
  ErrnoKeeper keeper;
  slots_ = Slots();
  if (slots_ == nullptr) return false;
  const uint64_t held_back = SignalsToHoldBack();
  SetSignalMask(&held_back, &signals_before_);
  active_ = true;
  method_ = method;
  const uint64_t deadline = MonotonicNanoseconds() + patience;
  bool stopped = method == StopMethod::kPtrace && StopByPtrace(deadline);
  if (!stopped) {
    ptrace_refused_ = method == StopMethod::kPtrace;
    method_ = StopMethod::kSignal;
    count_ = 0;
    stopped = StopBySignal(deadline);
  }
  if (!stopped) {
    Resume();
    return false;
  }
  Settle();
  return true;
}

// In both ways: a thread that was not stopped yet may have started another one.
bool ThreadStop::StopBySignal(uint64_t deadline) {
  if (!InstallHandler()) return false;
  generation_ = current_stop.fetch_add(1) + 1;
  do {
    found_now_ = 0;
    if (!ForEachThread(&Visit, this)) return false;
    WaitForAnswers(deadline);
  } while (found_now_ != 0 && MonotonicNanoseconds() < deadline);
  return true;
}

void ThreadStop::Resume() {
  if (!active_) return;
  ErrnoKeeper keeper;
  active_ = false;
  tracer_.End();
  current_stop.fetch_add(1);
  FutexWakeAll(current_stop);
  SetSignalMask(&signals_before_, nullptr);
}

void ThreadStop::Visit(void* context, int kernel_id) {
  static_cast<ThreadStop*>(context)->Consider(kernel_id);
}

void ThreadStop::Consider(int kernel_id) {
  if (kernel_id == static_cast<int>(syscall(SYS_gettid))) return;
  for (size_t i = 0; i < count_; ++i) {
    if (slots_[i].thread.kernel_id == kernel_id) return;
  }
  if (count_ == Slot::kMost) {
    incomplete_ = true;
    return;
  }
  Slot& slot = slots_[count_++];
  slot.thread = OtherThread();
  slot.thread.kernel_id = kernel_id;
  slot.state.store(Slot::kWaiting, std::memory_order_relaxed);
  ++found_now_;
  if (method_ == StopMethod::kPtrace) {
    traced_[count_ - 1].kernel_id = kernel_id;
  } else {
    TryToSignal(slot);
  }
}

// A thread that blocks the signal and does not sleep of its own will is asked
// again later: the C library blocks all signals where threads begin and end.
void ThreadStop::TryToSignal(Slot& slot) {
  OtherThread& thread = slot.thread;
  ThreadState state;
  if (!ReadThreadState(thread.kernel_id, &state) || state.IsGone()) {
    slot.state.store(Slot::kGone);
  } else if (state.waits_for_signals) {
    thread.outcome = StopOutcome::kWaitsForSignals;
    slot.state.store(Slot::kSettled);
  } else if (state.Blocks(kStopSignal)) {
    thread.outcome = StopOutcome::kBlocksSignal;
    const bool is_passing = state.state == 'R' || state.state == 'D';
    if (!is_passing) slot.state.store(Slot::kSettled);
  } else {
    thread.outcome = StopOutcome::kNoAnswer;
    slot.state.store(Slot::kSignalled);
    const size_t index = static_cast<size_t>(&slot - slots_);
    if (SendStopSignal(thread.kernel_id, Ticket(generation_, index)) == 0) {
      return;
    }
    thread.outcome = StopOutcome::kRefused;
    slot.state.store(errno == ESRCH ? Slot::kGone : Slot::kSettled);
  }
}

bool ThreadStop::AllSettled() {
  bool settled = true;
  for (size_t i = 0; i < count_; ++i) {
    Slot& slot = slots_[i];
    switch (slot.state.load(std::memory_order_acquire)) {
      case Slot::kWaiting:
        TryToSignal(slot);
        settled = false;
        break;
      case Slot::kSignalled:
      case Slot::kAnswering:
        settled = false;
        break;
      default:
        break;
    }
  }
  return settled;
}

void ThreadStop::WaitForAnswers(uint64_t deadline) {
  const struct timespec slice = {0, static_cast<long>(kMillisecond)};
  for (;;) {
    const uint32_t seen = answers.load(std::memory_order_acquire);
    if (AllSettled() || MonotonicNanoseconds() >= deadline) return;
    FutexWait(answers, seen, &slice);
    for (size_t i = 0; i < count_; ++i) {
      uint32_t signalled = Slot::kSignalled;
      if (slots_[i].state.load() == signalled &&
          !IsAlive(slots_[i].thread.kernel_id)) {
        slots_[i].state.compare_exchange_strong(signalled, Slot::kGone);
      }
    }
  }
}

// Whoever has not answered by now is not waited for; gone threads leave the
// list.
void ThreadStop::Settle() {
  size_t kept = 0;
  listed_ = count_;
  for (size_t i = 0; i < count_; ++i) {
    Slot& slot = slots_[i];
    uint32_t state = Slot::kSignalled;
    slot.state.compare_exchange_strong(state, Slot::kSettled);
    while (slot.state.load(std::memory_order_acquire) == Slot::kAnswering) {
      Yield();
    }
    state = slot.state.load(std::memory_order_acquire);
    if (state == Slot::kGone) continue;
    OtherThread& thread = slot.thread;
    if (state == Slot::kAnswered) {
      thread.outcome = StopOutcome::kStopped;
      ++stopped_;
    } else {
      ThreadState now;
      if (!ReadThreadState(thread.kernel_id, &now) || now.IsGone()) continue;
      thread.stack_pointer = now.stack_pointer;
      thread.thread = FindThread(thread.kernel_id);
      thread.descriptor = ThreadDescriptorOf(thread.thread);
      thread.argument_count = now.in_system_call ? 6 : 0;
      memcpy(thread.arguments, now.arguments, sizeof(thread.arguments));
    }
    slots_[kept++].thread = thread;
  }
  count_ = kept;
}

}  // namespace dbgalloc::os
