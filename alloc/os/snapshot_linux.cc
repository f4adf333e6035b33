#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>

#include "alloc/os/errno_keeper.h"
#include "alloc/os/snapshot.h"

namespace dbgalloc::os {
namespace {

constexpr int kDone = 0;

// A debugger does not follow; the end is told by no signal, so the program's
// wait() does not see it.
int CopyProcess() {
  return static_cast<int>(
      syscall(SYS_clone, CLONE_UNTRACED, nullptr, nullptr, nullptr, nullptr));
}

[[noreturn]] void RunInCopy(void (*work)(void* argument), void* argument,
                            int parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) syscall(SYS_exit_group, 1);
  work(argument);
  syscall(SYS_exit_group, kDone);
  __builtin_unreachable();
}

}  // namespace

bool Snapshot::Start(void (*work)(void* argument), void* argument) {
  ErrnoKeeper keeper;
  const int parent = getpid();
  // No handler of the program may run in the copy.
  const uint64_t all = ~uint64_t{0};
  uint64_t before = 0;
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof(all));
  process_ = CopyProcess();
  if (process_ == 0) RunInCopy(work, argument, parent);
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, nullptr, sizeof(all));
  return process_ > 0;
}

bool Snapshot::Wait() {
  ErrnoKeeper keeper;
  int status = 0;
  long waited;
  do {
    waited = syscall(SYS_wait4, process_, &status, __WALL, nullptr);
  } while (waited < 0 && errno == EINTR);
  // Somebody else who waits for everything may have been told instead.
  if (waited < 0) return errno == ECHILD;
  return WIFEXITED(status) && WEXITSTATUS(status) == kDone;
}

void* MapSharedPages(size_t size) {
  ErrnoKeeper keeper;
  void* mapped = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return mapped == MAP_FAILED ? nullptr : mapped;
}

}  // namespace dbgalloc::os
