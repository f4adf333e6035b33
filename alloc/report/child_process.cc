#include "alloc/report/child_process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

namespace dbgalloc::report {

namespace {

// Fills the pipe to the brim; returns the number of bytes.
size_t Fill(int descriptor) {
  const int capacity = fcntl(descriptor, F_SETPIPE_SZ, 4096);
  const std::string filler(static_cast<size_t>(capacity), 'x');
  if (write(descriptor, filler.data(), filler.size()) != capacity) std::abort();
  return filler.size();
}

ChildResult Run(const std::function<void()>& work, bool slow_reader) {
  int ends[2];
  if (pipe(ends) != 0) std::abort();
  const size_t filler = slow_reader ? Fill(ends[1]) : 0;
  ChildResult result;
  result.process_id = fork();
  if (result.process_id == 0) {
    alarm(20);
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
    work();
    std::exit(0);
  }
  close(ends[1]);
  if (slow_reader) usleep(100'000);
  char buffer[4096];
  for (ssize_t got; (got = read(ends[0], buffer, sizeof(buffer))) > 0;) {
    result.standard_error.append(buffer, static_cast<size_t>(got));
  }
  close(ends[0]);
  result.standard_error.erase(0, filler);
  int status = 0;
  waitpid(result.process_id, &status, 0);
  if (WIFEXITED(status)) result.exit_status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  return result;
}

}  // namespace

ChildResult RunInChild(const std::function<void()>& work) {
  return Run(work, /*slow_reader=*/false);
}

ChildResult RunInChildWithSlowReader(const std::function<void()>& work) {
  return Run(work, /*slow_reader=*/true);
}

int CountOf(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = text.find(part); at != std::string::npos;
       at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

}  // namespace dbgalloc::report
