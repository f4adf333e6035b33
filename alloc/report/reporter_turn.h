// One thread's turn at the reporter's lock, and what is written in it.
#ifndef DBGALLOC_ALLOC_REPORT_REPORTER_TURN_H_
#define DBGALLOC_ALLOC_REPORT_REPORTER_TURN_H_

#include <string.h>

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "alloc/base/malloc_gate.h"
#include "alloc/base/text_writer.h"
#include "alloc/os/env.h"
#include "alloc/report/color_choice.h"
#include "alloc/report/hand_on.h"
#include "alloc/report/process_frames.h"
#include "alloc/report/reporter.h"
#include "alloc/report/reporting_thread.h"
#include "alloc/report/surroundings.h"
#include "alloc/report/system_view.h"
#include "alloc/report/test_xml.h"
#include "dbgalloc/options.h"

namespace dbgalloc::report {

// From the moment a thread enters a report until the decision what follows.
// What it allocates meanwhile does not come from the heap that is being
// described.
class ProcessReporter::Turn {
 public:
  explicit Turn(ProcessReporter& reporter) : reporter_(reporter) {
    this_thread.is_reporting = true;
    ++this_thread.turns;
    reporter_.ForgetParentProcess();
    reporter_.active_threads_.fetch_add(1);
    reporter_.lock_.Lock();
  }
  ~Turn() {
    reporter_.active_threads_.fetch_sub(1);
    --this_thread.turns;
    this_thread.is_reporting = false;
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  // Formats and writes one report, then lets the next thread have its turn and
  // gives the program and glog their copies.
  template <typename Format>
  void Write(const Options& options, const Format& format) {
    const bool fails_test = !failure_.empty() && WantsTestXml();
    const ReportCopy copy = WriteTo(
        Destination::kReports, options,
        fails_test ? ReportCopy::kCallbackCapacity : CopyCapacity(options),
        format);
    if (fails_test) AddToTestXml(failure_, copy.view());
    HandOn(options, copy);
  }

  // The same without copies.
  template <typename Format>
  void WriteOnlyTo(Destination destination, const Options& options,
                   const Format& format) {
    WriteTo(destination, options, 0, format);
  }

  // Writes into the caller's buffer alone; see FormatStack.
  template <typename Format>
  size_t WriteInto(char* buffer, size_t capacity, const Options& options,
                   const Format& format) {
    ReportCopy copy = WriteTo(Destination::kNowhere, options,
                              ReportCopy::kCallbackCapacity, format);
    const size_t size = std::min(copy.view().size(), capacity);
    if (size > 0) memcpy(buffer, copy.view().data(), size);
    copy.Release();
    return size;
  }

  // For what is written often: what was read to name frames stays in memory
  // until the next report.
  void KeepSymbols() { keeps_symbols_ = true; }

  // Options that the command which runs the program again has besides.
  void RerunWith(std::string_view options) { rerun_options_ = options; }

  // The report makes a test fail, which this sentence is to say.
  void FailTest(std::string_view sentence) { failure_ = sentence; }

  // Ends the turn with nothing to say.
  void Skip() { reporter_.lock_.Unlock(); }

 private:
  template <typename Format>
  ReportCopy WriteTo(Destination destination, const Options& options,
                     size_t copy_capacity, const Format& format) {
    ReportText& text = reporter_.text_;
    text.Begin(options, destination, copy_capacity);
    base::TextWriter out = text.NewWriter();
    text.Attach(out);
    ProcessFrames frames(options.symbolize);
    SystemView view(options.source_path);
    Surroundings surroundings;
    surroundings.process_id = os::ProcessId();
    surroundings.frames = &frames;
    surroundings.host = &view;
    surroundings.rerun = text.Rerun(rerun_options_);
    surroundings.shows_suppression = options.gen_suppressions;
    surroundings.color = WantsColor(options.color, text.IsTerminal());
    format(surroundings, text.scratch(), out);
    const ReportCopy copy = text.End();
    // Tens of megabytes for a large program; and libraries may come and go
    // before the next report.
    if (keeps_symbols_) {
      frames.ReleaseTexts();
    } else {
      frames.Release();
    }
    reporter_.lock_.Unlock();
    return copy;
  }

  base::ScopedArenaMalloc arena_malloc_;
  ProcessReporter& reporter_;
  bool keeps_symbols_ = false;
  std::string_view rerun_options_;
  std::string_view failure_;  // ""; else see FailTest
};

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_REPORTER_TURN_H_
