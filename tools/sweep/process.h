// Starting programs with their output in files, and small matters of files.
#ifndef DBGALLOC_TOOLS_SWEEP_PROCESS_H_
#define DBGALLOC_TOOLS_SWEEP_PROCESS_H_

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "tools/sweep/judge.h"

namespace dbgalloc::sweep {

struct ProgramStart {
  std::vector<std::string> command;
  std::string folder;  // to run in; empty: here
  std::string input;   // files
  std::string output;
  std::string error;
  std::vector<std::string> environment;  // NAME=value, besides our own
  // Called with the process id before the program begins.
  std::function<void(int)> before_begin;
};

// The process id; -1: no process. The program is in a process group of its own,
// dies with this process, and has no address space randomization where that can
// be had.
int Start(const ProgramStart& start);

Ending EndingOf(int wait_status);

// The end of a process that may take `seconds` (0: any time).
Ending WaitFor(int process, double seconds);

// Everything in a file; empty when there is none.
std::string ReadAll(const std::string& path);

// Blocks SIGCHLD, for WaitForChange(); programs that are started have it open.
void BlockChildSignal();
// Returns when a child has ended or `milliseconds` have passed.
void WaitForChange(int milliseconds);

// Seconds from some moment on.
double Now();

// The path of a program as a shell would find it; empty: there is none.
std::string FindProgram(const std::string& name);

}  // namespace dbgalloc::sweep

#endif  // DBGALLOC_TOOLS_SWEEP_PROCESS_H_
