// Threads in every state in which they can be found are stopped, looked at and
// let go, by signals and by ptrace.
#include "alloc/os/thread_stop.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "gtest/gtest.h"

namespace dbgalloc::os {
namespace {

constexpr uint64_t kPatience = 20'000'000'000;

// A thread that does something for as long as the test wants.
class Subject {
 public:
  using Deed = void (*)(Subject& self);
  explicit Subject(Deed deed) : deed_(deed) {
    pipe(ends_);
    pthread_create(&thread_, nullptr, &Run, this);
    while (kernel_id_.load() == 0) sched_yield();
  }
  ~Subject() {
    over_.store(true);
    Write();
    pthread_kill(thread_, SIGUSR1);
    pthread_join(thread_, nullptr);
    close(ends_[0]);
    close(ends_[1]);
  }
  int kernel_id() const { return kernel_id_.load(); }
  bool is_over() const { return over_.load(); }
  int readable_end() const { return ends_[0]; }
  int interruptions() const { return interruptions_.load(); }
  uint64_t progress() const { return progress_.load(); }
  void Progress() { progress_.fetch_add(1); }
  // Counts a call that came back too early. The pipe is written to at the end.
  void NoteResult(long result) {
    if (result < 0 && errno == EINTR && !is_over()) interruptions_.fetch_add(1);
  }

 private:
  static void* Run(void* self) {
    Subject& subject = *static_cast<Subject*>(self);
    subject.kernel_id_.store(static_cast<int>(syscall(SYS_gettid)));
    subject.deed_(subject);
    return nullptr;
  }
  void Write() { EXPECT_EQ(write(ends_[1], "x", 1), 1); }

  Deed deed_;
  int ends_[2] = {};
  pthread_t thread_;
  std::atomic<int> kernel_id_{0};
  std::atomic<bool> over_{false};
  std::atomic<int> interruptions_{0};
  std::atomic<uint64_t> progress_{0};
};

void Spin(Subject& self) {
  while (!self.is_over()) self.Progress();
}

void WaitByPoll(Subject& self) {
  pollfd watched = {self.readable_end(), POLLIN, 0};
  while (!self.is_over()) self.NoteResult(poll(&watched, 1, -1));
}

void WaitByEpoll(Subject& self) {
  const int queue = epoll_create1(0);
  epoll_event event = {};
  event.events = EPOLLIN;
  epoll_ctl(queue, EPOLL_CTL_ADD, self.readable_end(), &event);
  while (!self.is_over()) self.NoteResult(epoll_wait(queue, &event, 1, -1));
  close(queue);
}

void Sleep(Subject& self) {
  while (!self.is_over()) {
    const struct timespec hour = {3600, 0};
    self.NoteResult(nanosleep(&hour, nullptr));
  }
}

void WaitForSignals(Subject& self) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const struct timespec hour = {3600, 0};
  while (!self.is_over()) {
    self.NoteResult(sigtimedwait(&signals, nullptr, &hour));
  }
}

// By a system call of its own: the C library keeps two signals out of a mask.
void BlockEverything(Subject& self) {
  const uint64_t all = ~uint64_t{0};
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, nullptr, sizeof(all));
  char byte;
  self.NoteResult(read(self.readable_end(), &byte, 1));
}

void Ignore(int) {}

class ThreadStopFixture : public testing::Test {
 protected:
  // A signal that interrupts, with which tests end their threads.
  static void SetUpTestSuite() {
    struct sigaction action = {};
    action.sa_handler = &Ignore;
    sigaction(SIGUSR1, &action, nullptr);
  }

  static const OtherThread* Find(const ThreadStop& stop,
                                 const Subject& subject) {
    for (size_t i = 0; i < stop.size(); ++i) {
      if (stop[i].kernel_id == subject.kernel_id()) return &stop[i];
    }
    return nullptr;
  }

  static bool IsInSystemCall(const Subject& subject) {
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/task/%d/syscall",
             subject.kernel_id());
    FILE* file = fopen(path, "r");
    char text[64] = {};
    const bool sleeps = file != nullptr &&
                        fgets(text, sizeof(text), file) != nullptr &&
                        text[0] >= '0' && text[0] <= '9';
    if (file != nullptr) fclose(file);
    return sleeps;
  }
};

class ThreadStopTest : public ThreadStopFixture,
                       public testing::WithParamInterface<StopMethod> {};

TEST_P(ThreadStopTest, OfNoOtherThreads) {
  ThreadStop stop;
  ASSERT_TRUE(stop.Stop(GetParam(), kPatience));
  EXPECT_EQ(stop.size(), 0u);
  stop.Resume();
  EXPECT_EQ(waitpid(-1, nullptr, __WALL | WNOHANG), -1) << "a child is left";
}

TEST_P(ThreadStopTest, HoldsARunningThreadUntilItIsResumed) {
  Subject subject(&Spin);
  while (subject.progress() == 0) sched_yield();
  ThreadStop stop;
  ASSERT_TRUE(stop.Stop(GetParam(), kPatience));
  const OtherThread* thread = Find(stop, subject);
  ASSERT_NE(thread, nullptr);
  EXPECT_EQ(thread->outcome, StopOutcome::kStopped);
  EXPECT_NE(thread->stack_pointer, 0u);
  EXPECT_NE(thread->descriptor, 0u);
  EXPECT_GT(thread->registers_end, thread->registers_begin);
  EXPECT_GT(thread->vectors_end, thread->vectors_begin);
  const uint64_t progress = subject.progress();
  for (int i = 0; i < 1000; ++i) sched_yield();
  EXPECT_EQ(subject.progress(), progress);
  stop.Resume();
  while (subject.progress() == progress) sched_yield();
}

TEST_P(ThreadStopTest, CanBeDoneAgainAndAgain) {
  Subject spins(&Spin);
  Subject waits(&WaitByPoll);
  for (int i = 0; i < 50; ++i) {
    ThreadStop stop;
    ASSERT_TRUE(stop.Stop(GetParam(), kPatience));
    EXPECT_EQ(stop.stopped(), 2u);
  }
}

TEST_P(ThreadStopTest, FindsTheRegistersOfManyThreads) {
  std::vector<std::unique_ptr<Subject>> subjects;
  for (int i = 0; i < 40; ++i) {
    subjects.push_back(std::make_unique<Subject>(i % 2 == 0 ? &Spin : &Sleep));
  }
  ThreadStop stop;
  ASSERT_TRUE(stop.Stop(GetParam(), kPatience));
  EXPECT_EQ(stop.stopped(), subjects.size());
  EXPECT_FALSE(stop.incomplete());
}

INSTANTIATE_TEST_SUITE_P(Methods, ThreadStopTest,
                         testing::Values(StopMethod::kSignal,
                                         StopMethod::kPtrace));

class ThreadStopByPtraceTest : public ThreadStopFixture {};

TEST_F(ThreadStopByPtraceTest, InterruptsNoSystemCallThatASignalWould) {
#if !defined(__x86_64__)
  GTEST_SKIP() << "calls that are ended cannot be begun anew there";
#endif
  Subject subjects[] = {Subject(&WaitByPoll), Subject(&WaitByEpoll),
                        Subject(&Sleep), Subject(&WaitForSignals)};
  for (const Subject& subject : subjects) {
    while (!IsInSystemCall(subject)) sched_yield();
  }
  for (int i = 0; i < 20; ++i) {
    ThreadStop stop;
    ASSERT_TRUE(stop.Stop(StopMethod::kPtrace, kPatience));
    if (stop.ptrace_refused()) GTEST_SKIP() << "no ptrace here";
    EXPECT_EQ(stop.stopped(), 4u);
    stop.Resume();
    for (const Subject& subject : subjects) {
      while (!IsInSystemCall(subject)) sched_yield();
    }
  }
  for (const Subject& subject : subjects) {
    EXPECT_EQ(subject.interruptions(), 0);
  }
}

TEST_F(ThreadStopByPtraceTest, StopsThreadsThatNoSignalMayStop) {
  Subject waits(&WaitForSignals);
  Subject blocks(&BlockEverything);
  while (!IsInSystemCall(waits) || !IsInSystemCall(blocks)) sched_yield();
  ThreadStop stop;
  ASSERT_TRUE(stop.Stop(StopMethod::kPtrace, kPatience));
  if (stop.ptrace_refused()) GTEST_SKIP() << "no ptrace here";
  EXPECT_EQ(stop.method(), StopMethod::kPtrace);
  EXPECT_EQ(Find(stop, waits)->outcome, StopOutcome::kStopped);
  EXPECT_EQ(Find(stop, blocks)->outcome, StopOutcome::kStopped);
}

TEST_F(ThreadStopByPtraceTest, ASignalLeavesThoseAloneAndSaysWhy) {
  Subject waits(&WaitForSignals);
  Subject blocks(&BlockEverything);
  while (!IsInSystemCall(waits) || !IsInSystemCall(blocks)) sched_yield();
  ThreadStop stop;
  ASSERT_TRUE(stop.Stop(StopMethod::kSignal, kPatience));
  EXPECT_EQ(Find(stop, waits)->outcome, StopOutcome::kWaitsForSignals);
  EXPECT_EQ(Find(stop, blocks)->outcome, StopOutcome::kBlocksSignal);
  EXPECT_GT(Find(stop, blocks)->argument_count, 0u);
  EXPECT_NE(Find(stop, blocks)->stack_pointer, 0u);
}

// The filter stays, so this is done in a process of its own.
[[noreturn]] void StopWherePtraceEndsWith(uint32_t action) {
  sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ptrace, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, action),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  sock_fprog program = {sizeof(rules) / sizeof(rules[0]), rules};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    _exit(2);
  }
  Subject subject(&Spin);
  ThreadStop stop;
  const bool stopped = stop.Stop(StopMethod::kPtrace, kPatience);
  _exit(stopped && stop.ptrace_refused() && stop.stopped() == 1 &&
                stop.method() == StopMethod::kSignal
            ? 0
            : 1);
}

TEST_F(ThreadStopByPtraceTest, ASignalStandsInWherePtraceIsRefused) {
  EXPECT_EXIT(StopWherePtraceEndsWith(SECCOMP_RET_ERRNO | EPERM),
              testing::ExitedWithCode(0), "");
  EXPECT_EXIT(StopWherePtraceEndsWith(SECCOMP_RET_KILL),
              testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace dbgalloc::os
