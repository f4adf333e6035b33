#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alloc/os/raw_io.h"
#include "alloc/os/worker_process.h"

namespace dbgalloc::os {

WorkerProcess::~WorkerProcess() {
  if (process_ > 0) {
    Kill();
    Wait();
  }
  if (descriptor_ >= 0) close(descriptor_);
}

bool WorkerProcess::Start(Work work, void* context) {
  int ends[2];
  if (pipe(ends) != 0) return false;
  const int parent = getpid();
  process_ = fork();
  if (process_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    close(ends[0]);
    descriptor_ = ends[1];
    work(context, *this);
    _exit(0);
  }
  close(ends[1]);
  descriptor_ = ends[0];
  return process_ > 0;
}

void WorkerProcess::Send(std::string_view bytes) const {
  WriteAll(descriptor_, bytes);
}

ptrdiff_t WorkerProcess::Receive(char* buffer, size_t capacity,
                                 int milliseconds) {
  pollfd watched = {descriptor_, POLLIN, 0};
  if (poll(&watched, 1, milliseconds) == 0) return kTimedOut;
  const ptrdiff_t got = ReadSome(descriptor_, buffer, capacity);
  return got < 0 ? 0 : got;
}

void WorkerProcess::Kill() { kill(process_, SIGKILL); }

WorkerProcess::Ending WorkerProcess::Wait() {
  int status = 0;
  while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = 0;
  close(descriptor_);
  descriptor_ = -1;
  if (WIFSIGNALED(status)) return {-1, WTERMSIG(status)};
  return {WEXITSTATUS(status), 0};
}

}  // namespace dbgalloc::os
