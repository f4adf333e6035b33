#include "tools/sweep/process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace dbgalloc::sweep {
namespace {

constexpr int kCannotStart = 127;

void Redirect(const std::string& path, int flags, int descriptor) {
  const int file = open(path.c_str(), flags, 0600);
  if (file < 0) _exit(kCannotStart);
  dup2(file, descriptor);
  close(file);
}

[[noreturn]] void Become(const ProgramStart& start) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  personality(ADDR_NO_RANDOMIZE);
  // What this tool happens to have open is none of the program's business.
  close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  constexpr int kOutput = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND;
  Redirect(start.input, O_RDONLY, STDIN_FILENO);
  Redirect(start.output, kOutput, STDOUT_FILENO);
  Redirect(start.error, kOutput, STDERR_FILENO);
  if (!start.folder.empty() && chdir(start.folder.c_str()) != 0) {
    _exit(kCannotStart);
  }
  for (const std::string& setting : start.environment) {
    putenv(const_cast<char*>(setting.c_str()));
  }
  std::vector<char*> arguments;
  for (const std::string& argument : start.command) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (start.before_begin) start.before_begin(getpid());
  execv(arguments[0], arguments.data());
  _exit(kCannotStart);
}

}  // namespace

int Start(const ProgramStart& start) {
  const int process = fork();
  if (process == 0) Become(start);
  return process;
}

Ending EndingOf(int wait_status) {
  Ending ending;
  if (WIFSIGNALED(wait_status)) ending.signal = WTERMSIG(wait_status);
  if (WIFEXITED(wait_status)) ending.exit_status = WEXITSTATUS(wait_status);
  return ending;
}

Ending WaitFor(int process, double seconds) {
  const double start = Now();
  int status = 0;
  while (waitpid(process, &status, WNOHANG) == 0) {
    if (seconds > 0 && Now() - start > seconds) {
      kill(-process, SIGKILL);
      waitpid(process, &status, 0);
      Ending ending = EndingOf(status);
      ending.ran_out_of_time = true;
      return ending;
    }
    WaitForChange(10);
  }
  return EndingOf(status);
}

std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void BlockChildSignal() {
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child, nullptr);
}

void WaitForChange(int milliseconds) {
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  const timespec patience = {milliseconds / 1000,
                             milliseconds % 1000 * 1'000'000L};
  sigtimedwait(&child, nullptr, &patience);
}

double Now() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) +
         static_cast<double>(now.tv_nsec) * 1e-9;
}

std::string FindProgram(const std::string& name) {
  const auto is_program = [](const std::string& path) {
    return access(path.c_str(), X_OK) == 0 &&
           !std::filesystem::is_directory(path);
  };
  if (name.find('/') != std::string::npos) {
    return is_program(name) ? std::filesystem::absolute(name).string() : "";
  }
  const char* variable = std::getenv("PATH");
  std::istringstream path(variable == nullptr ? "/usr/bin:/bin" : variable);
  for (std::string folder; std::getline(path, folder, ':');) {
    const std::string found = folder + "/" + name;
    if (is_program(found)) return std::filesystem::absolute(found).string();
  }
  return "";
}

}  // namespace dbgalloc::sweep
