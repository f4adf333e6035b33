// What becomes of an error: one report at a time, written raw, then the
// decision whether the process goes on.
//
//   OnError -> lock -> suppressed? -> repeat? -> first line out -> rest
//           -> sinks -> unlock
//           -> the program's callback -> glog's copy
//           -> halt_on_error: the program's hook, and the process ends here
//
// An error inside a report (a bug of the program in a signal handler, or one of
// ours in the symbolizer) writes what there is, one raw line, and ends the
// process.
#ifndef DBGALLOC_ALLOC_REPORT_REPORTER_H_
#define DBGALLOC_ALLOC_REPORT_REPORTER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "alloc/report/format.h"
#include "alloc/report/format_address.h"
#include "alloc/report/repeats.h"
#include "alloc/report/report_lock.h"
#include "alloc/report/report_output.h"
#include "alloc/report/report_text.h"
#include "alloc/report/suppression_source.h"
#include "dbgalloc/error_record.h"
#include "dbgalloc/error_sink.h"
#include "dbgalloc/options.h"

namespace dbgalloc::report {

// Leaks that no suppression covers, which a report told of.
struct ToldLeaks {
  uint64_t blocks = 0;
  uint64_t bytes = 0;
  size_t text_size = 0;  // where the report went to a buffer
};

// The sink of a whole process.
//
// With halt_on_error=1 the first error ends the process, by _exit(exitcode) or
// abort(); threads that fail at the same time write their reports first. With
// halt_on_error=0 it goes on, repeats are counted and cut, and exit() then ends
// with `exitcode`. Leaks never stop the program; they make the status of exit()
// `leak_exitcode` where it would be 0. Notes change nothing, and neither does
// an error that a suppression covers.
//
// Threads: any, at any time, from before main to the last destructor. Must be
// called without locks that an allocation could need.
class ProcessReporter final : public ErrorSink {
 public:
  constexpr ProcessReporter() = default;
  ProcessReporter(const ProcessReporter&) = delete;
  ProcessReporter& operator=(const ProcessReporter&) = delete;

  // As below, under the process's own options.
  void OnError(const ErrorRecord& record) override;
  void OnLeaks(const LeakReport& report) override;
  void OnTrace(const OperationTrace& trace) override;

  void ReportError(const ErrorRecord& record, const Options& options);
  ToldLeaks ReportLeaks(const LeakReport& report, const Options& options);

  // Writes text, whatever report_format says: to where reports go if they are
  // text, else to standard error. Nothing when this thread is in the middle of
  // a report.
  void ReportTrace(const OperationTrace& trace, const Options& options);

  // Writes to standard error what was found at an address. Nothing when this
  // thread is in the middle of a report.
  void DescribeAddress(const AddressFinding& finding);

  // The frames of a stack as reports show them, without colors: writes up to
  // `capacity` bytes and returns how many. 0: the stack is not known, or this
  // thread is in the middle of a report.
  size_t FormatStack(uint32_t stack, char* buffer, size_t capacity);

  // Leaks that no suppression covers, as the text form has them; nothing is
  // written and the exit status stays. Empty when this thread is in the middle
  // of a report.
  ToldLeaks FormatLeaks(const LeakReport& report, char* buffer,
                        size_t capacity);
  // From now on errors and leaks go to `sink` alone, and nothing is written and
  // no status is changed by them: a sweep judges what comes.
  void DivertTo(ErrorSink& sink) { diversion_.store(&sink); }

  // The options of OnError and OnLeaks, in place of Options::FromEnvironment();
  // they must live as long as the process.
  void UseOptions(const Options& options);

  // Reads the suppressions that these options ask for, so that a mistake in
  // them is told at startup and not in the middle of an error.
  void LoadSuppressions(const Options& options);

  // Lists suppressions as the options have it. Called at the very end by who
  // promised it with ExpectFinish(); else an exit handler does it.
  void Finish();
  void ExpectFinish() { is_finished_by_caller_.store(true); }

  // Errors reported so far, repeats included; notes, leaks and suppressed ones
  // do not count.
  uint64_t errors() const { return errors_.load(std::memory_order_relaxed); }

  // Lets exit() end with another status after errors. Done at the first error
  // that needs it; earlier calls save that one an allocation.
  void WatchProcessEnd();

 private:
  class Turn;

  const Options& CurrentOptions() const;
  void ForgetParentProcess();
  void Remember(const Options& options, bool is_leak);
  bool IsSuppressed(const ErrorRecord& record, const Options& options);
  void EndIfHalting(const Options& options);
  void CallErrorHook();
  [[noreturn]] void EndInsideReport(const ErrorRecord& record,
                                    const Options& options);
  [[noreturn]] void EndProcess(const Options& options);
  int StatusAtEnd(int status);
  static int OnProcessEnd(int status);

  std::atomic<ErrorSink*> diversion_{nullptr};
  std::atomic<const Options*> options_{nullptr};
  std::atomic<uint64_t> errors_{0};
  // Threads between the start of a report and the decision after it.
  std::atomic<int> active_threads_{0};
  std::atomic<bool> watches_end_{false};
  // The program's hook runs, or has run.
  std::atomic<bool> hook_called_{false};

  // What exit() shall end with; 0: nothing to change.
  std::atomic<int> error_status_{0};
  std::atomic<int> leak_status_{0};
  // What is to be done at the end about suppressions, and in which process.
  std::atomic<bool> lists_suppressions_{false};
  std::atomic<bool> fails_on_unused_{false};
  std::atomic<bool> is_finished_by_caller_{false};
  std::atomic<int> suppressions_process_{0};
  // The process that reported last: a forked child starts clean.
  std::atomic<int> process_{0};

  ReportLock lock_;
  // Under the lock:
  Repeats repeats_;
  ProcessSuppressions suppressions_;
  // What is being compared with the suppressions; null: nothing.
  const ErrorRecord* judged_error_ = nullptr;
  const LeakReport* judged_leaks_ = nullptr;
  ReportText text_;
};

// The process's reporter.
ProcessReporter& GlobalReporter();

// The same as a sink: what allocators use unless they are told otherwise.
ErrorSink& DefaultErrorSink();

// A sink for one allocator: the process's reporter under that allocator's
// options.
class OptionsErrorSink final : public ErrorSink {
 public:
  // `options` must outlive the sink.
  constexpr explicit OptionsErrorSink(const Options& options)
      : options_(options) {}

  void OnError(const ErrorRecord& record) override;
  void OnLeaks(const LeakReport& report) override;
  void OnTrace(const OperationTrace& trace) override;

 private:
  const Options& options_;
};

// Whether the calling thread is in the middle of a report: it cannot make
// another.
bool ThreadIsReporting();

// Marks the calling thread, for the rest of its life, as one that helps with a
// report, such as the one that talks to glog. Its own errors are reported, but
// not to glog.
void MarkThreadAsHelper();
bool ThreadIsHelper();

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_REPORTER_H_
