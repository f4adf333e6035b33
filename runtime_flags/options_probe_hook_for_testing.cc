// Defaults of the program for environment_test, taken from PROBE_DEFAULTS.
// PROBE_TRICK asks for what an unlucky program may do inside the hook:
//   reenter      asks for the options while they are being read
//   fork         another thread forks meanwhile, and the child asks for them
//   descriptors  leaves no file descriptor free
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "dbgalloc/options.h"

extern "C" const char* __dbgalloc_default_options();

namespace {

using dbgalloc::Options;

void AskInside() {
  std::printf("inside: redzone=%zu\n",
              Options::FromEnvironment().redzone.value());
}

void AskInForkedChild() {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);
    _exit(static_cast<int>(Options::FromEnvironment().redzone));
  }
  int status = 0;
  waitpid(child, &status, 0);
  std::printf("child: redzone=%d\n",
              WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

void TakeAllDescriptors() {
  const rlimit limit = {16, 16};
  setrlimit(RLIMIT_NOFILE, &limit);
  while (open("/dev/null", O_RDONLY) >= 0) {
  }
}

void Play(const char* trick) {
  if (std::strcmp(trick, "reenter") == 0) AskInside();
  if (std::strcmp(trick, "fork") == 0) std::thread(AskInForkedChild).join();
  if (std::strcmp(trick, "descriptors") == 0) TakeAllDescriptors();
}

}  // namespace

const char* __dbgalloc_default_options() {
  const char* trick = std::getenv("PROBE_TRICK");
  static bool played = false;
  if (trick != nullptr && !played) {
    played = true;
    Play(trick);
  }
  return std::getenv("PROBE_DEFAULTS");
}
