// Runs a piece of a test in a forked child, to see how it ends and what it
// writes to standard error.
#ifndef DBGALLOC_ALLOC_REPORT_CHILD_PROCESS_H_
#define DBGALLOC_ALLOC_REPORT_CHILD_PROCESS_H_

#include <functional>
#include <string>

namespace dbgalloc::report {

struct ChildResult {
  int exit_status = -1;  // -1: ended by a signal
  int signal = 0;
  int process_id = 0;
  std::string standard_error;
};

// The child calls exit(0) when `work` returns, and is killed after 20 seconds.
ChildResult RunInChild(const std::function<void()>& work);

// The same, but for 100 ms nobody reads what the child writes, and the pipe is
// full from the start: a writer gets stuck.
ChildResult RunInChildWithSlowReader(const std::function<void()>& work);

// How often `part` stands in `text`.
int CountOf(const std::string& text, const std::string& part);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_CHILD_PROCESS_H_
