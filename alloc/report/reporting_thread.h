// What the calling thread has to do with reports just now.
#ifndef DBGALLOC_ALLOC_REPORT_REPORTING_THREAD_H_
#define DBGALLOC_ALLOC_REPORT_REPORTING_THREAD_H_

namespace dbgalloc::report {

struct ReportingThread {
  bool is_reporting = false;
  bool is_dying = false;   // an error came up while it was reporting
  bool is_helper = false;  // it works for another thread's report
  bool in_callback = false;
  bool in_hook = false;
  int turns = 0;  // more than one: an error in the callback
};

[[gnu::tls_model(
    "initial-exec")]] inline constinit thread_local ReportingThread this_thread;

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_REPORTING_THREAD_H_
