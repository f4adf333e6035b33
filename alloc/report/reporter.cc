#include "alloc/report/reporter.h"

#include "alloc/os/clock.h"
#include "alloc/os/env.h"
#include "alloc/os/errno_keeper.h"
#include "alloc/os/process_end.h"
#include "alloc/os/raw_io.h"
#include "alloc/os/thread.h"
#include "alloc/report/error_kind.h"
#include "alloc/report/process_frames.h"
#include "alloc/report/program_hooks.h"
#include "alloc/report/reporter_turn.h"
#include "alloc/report/reporting_thread.h"
#include "alloc/report/rerun_options.h"
#include "alloc/report/sentence.h"
#include "alloc/report/unsuppressed_leaks.h"

namespace dbgalloc::report {
namespace {

using base::TextWriter;

constinit ProcessReporter global_reporter;

// How long the end of the process waits for other threads' reports.
constexpr uint64_t kPatienceNanoseconds = uint64_t{2'000'000'000};

bool IsNote(const ErrorRecord& record) {
  return InfoOf(record.kind).severity == Severity::kNote;
}

// Repeats are told at the second time and at each power of ten.
bool IsWorthTelling(uint64_t times) {
  if (times <= 2) return true;
  while (times % 10 == 0) times /= 10;
  return times == 1;
}

const ReportFormat& FormatOf(const Options& options) {
  return kFormats[static_cast<size_t>(options.report_format.value())];
}

// A line on standard error that needs nothing but the stack.
void WriteRawLine(ErrorKind kind, std::string_view when,
                  const auto& write_sentence) {
  char buffer[512];
  TextWriter out(buffer, sizeof(buffer) - 1);
  out.Text("==").Dec(static_cast<uint64_t>(os::ProcessId()));
  out.Text("==ERROR: dbgalloc: ").Text(InfoOf(kind).slug).Text(": ");
  write_sentence(out.Text(when));
  const size_t size = out.view().size();
  buffer[size] = '\n';
  os::WriteAll(os::kStandardError, {buffer, size + 1});
}

void WaitWhile(const auto& condition) {
  const uint64_t start = os::MonotonicNanoseconds();
  while (condition() &&
         os::MonotonicNanoseconds() - start < kPatienceNanoseconds) {
    os::Yield();
  }
}

}  // namespace

void ProcessReporter::ReportError(const ErrorRecord& record,
                                  const Options& options) {
  os::ErrnoKeeper keeper;
  if (ErrorSink* sink = diversion_.load()) return sink->OnError(record);
  if (this_thread.is_reporting) EndInsideReport(record, options);
  {
    Turn turn(*this);
    if (IsSuppressed(record, options)) return turn.Skip();
    const bool may_cut = !options.halt_on_error || IsNote(record);
    const uint64_t times = may_cut ? repeats_.Count(record) : 1;
    char rerun[128];
    TextWriter rerun_options(rerun, sizeof(rerun));
    WriteRerunOptions(rerun_options, record);
    turn.RerunWith(rerun_options.view());
    if (IsWorthTelling(times)) {
      turn.Write(options, [&](const Surroundings& surroundings,
                              TextScratch& scratch, TextWriter& out) {
        if (times > 1) {
          FormatOf(options).write_repeat(record, times, surroundings, scratch,
                                         out);
        } else {
          FormatOf(options).write_error(record, surroundings, scratch, out);
        }
      });
    } else {
      turn.Skip();
    }
  }
  if (IsNote(record)) return;
  errors_.fetch_add(1, std::memory_order_relaxed);
  EndIfHalting(options);
}

// Symbols are wanted even with symbolize=0: rules speak of functions.
bool ProcessReporter::IsSuppressed(const ErrorRecord& record,
                                   const Options& options) {
  suppressions_.Load(options);
  if (!suppressions_.Concern(record.kind, options)) return false;
  ProcessFrames frames(/*symbolize=*/true);
  judged_error_ = &record;
  Suppression* rule = suppressions_.Find(record, options, frames);
  judged_error_ = nullptr;
  frames.Release();
  if (rule != nullptr) ++rule->errors;
  return rule != nullptr;
}

ToldLeaks ProcessReporter::ReportLeaks(const LeakReport& report,
                                       const Options& options) {
  os::ErrnoKeeper keeper;
  if (report.blocks == 0) return {};
  if (ErrorSink* sink = diversion_.load()) {
    sink->OnLeaks(report);
    return {report.blocks, report.bytes, 0};
  }
  if (this_thread.is_reporting) {
    ErrorRecord record;
    record.kind = ErrorKind::kLeak;
    EndInsideReport(record, options);
  }
  ToldLeaks told;
  {
    Turn turn(*this);
    suppressions_.Load(options);
    ProcessFrames frames(/*symbolize=*/true);
    judged_leaks_ = &report;
    const UnsuppressedLeaks leaks(report, options, suppressions_, frames);
    judged_leaks_ = nullptr;
    told.blocks = leaks.report().blocks;
    told.bytes = leaks.report().bytes;
    if (told.blocks == 0) {
      frames.Release();
      turn.Skip();
      return {};
    }
    char buffer[256];
    TextWriter sentence(buffer, sizeof(buffer));
    WriteLeakSentence(sentence, leaks.report());
    const bool counts = report.reach != LeakReach::kReachable;
    if (counts && options.leak_exitcode != 0) turn.FailTest(sentence.view());
    turn.Write(options, [&](const Surroundings& surroundings,
                            TextScratch& scratch, TextWriter& out) {
      FormatOf(options).write_leaks(leaks.report(), surroundings, scratch, out);
    });
  }
  if (report.reach != LeakReach::kReachable) {
    Remember(options, /*is_leak=*/true);
  }
  return told;
}

void ProcessReporter::LoadSuppressions(const Options& options) {
  os::ErrnoKeeper keeper;
  if (this_thread.is_reporting) return;
  Turn turn(*this);
  suppressions_.Load(options);
  suppressions_process_.store(os::ProcessId());
  if (options.print_suppressions) lists_suppressions_.store(true);
  if (options.fail_on_unused_suppressions) fails_on_unused_.store(true);
  if (!is_finished_by_caller_.load() &&
      (lists_suppressions_.load() || fails_on_unused_.load())) {
    WatchProcessEnd();
  }
  turn.Skip();
}

void ProcessReporter::Finish() {
  os::ErrnoKeeper keeper;
  const bool lists = lists_suppressions_.exchange(false);
  const bool fails = fails_on_unused_.exchange(false);
  if (!lists && !fails) return;
  if (suppressions_process_.load() != os::ProcessId()) return;
  bool has_unused = false;
  {
    Turn turn(*this);
    turn.WriteOnlyTo(
        Destination::kStandardError, CurrentOptions(),
        [&](const Surroundings& surroundings, TextScratch&, TextWriter& out) {
          const int process = surroundings.process_id;
          if (lists) suppressions_.WriteListing(process, out);
          if (fails) has_unused = suppressions_.WriteUnused(process, out);
        });
  }
  if (has_unused) Remember(CurrentOptions(), /*is_leak=*/false);
}

void ProcessReporter::OnError(const ErrorRecord& record) {
  ReportError(record, CurrentOptions());
}

void ProcessReporter::OnLeaks(const LeakReport& report) {
  ReportLeaks(report, CurrentOptions());
}

void ProcessReporter::OnTrace(const OperationTrace& trace) {
  ReportTrace(trace, CurrentOptions());
}

void ProcessReporter::UseOptions(const Options& options) {
  options_.store(&options, std::memory_order_release);
}

const Options& ProcessReporter::CurrentOptions() const {
  const Options* options = options_.load(std::memory_order_acquire);
  return options != nullptr ? *options : Options::FromEnvironment();
}

void ProcessReporter::EndIfHalting(const Options& options) {
  if (!options.halt_on_error) {
    Remember(options, /*is_leak=*/false);
    return;
  }
  WaitWhile([&] { return active_threads_.load() > this_thread.turns; });
  CallErrorHook();
  EndProcess(options);
}

void ProcessReporter::CallErrorHook() {
  const ErrorHook hook = DefinedErrorHook();
  if (hook == nullptr || this_thread.in_hook) return;
  if (hook_called_.exchange(true)) {
    // The thread that has it ends the process.
    WaitWhile([] { return true; });
    return;
  }
  this_thread.in_hook = true;
  base::ScopedArenaMalloc arena_malloc;
  hook();
}

// The lock is held by this very thread, so nobody else writes. An error that
// was about to be told, had no rule covered it, is told in one line.
void ProcessReporter::EndInsideReport(const ErrorRecord& record,
                                      const Options& options) {
  if (this_thread.is_dying) EndProcess(options);
  this_thread.is_dying = true;
  text_.Rescue();
  if (judged_error_ != nullptr) {
    WriteRawLine(judged_error_->kind, {},
                 [&](TextWriter& out) { WriteSentence(out, *judged_error_); });
  }
  if (judged_leaks_ != nullptr) {
    WriteRawLine(ErrorKind::kLeak, {}, [&](TextWriter& out) {
      WriteLeakSentence(out, *judged_leaks_);
    });
  }
  WriteRawLine(record.kind, "while a report was being written: ",
               [&](TextWriter& out) { WriteSentence(out, record); });
  EndProcess(options);
}

void ProcessReporter::EndProcess(const Options& options) {
  if (options.abort_on_error) os::AbortNow();
  os::ExitNow(static_cast<int>(options.exitcode.value()));
}

void ProcessReporter::Remember(const Options& options, bool is_leak) {
  const int64_t status = is_leak ? options.leak_exitcode : options.exitcode;
  if (status == 0) return;
  (is_leak ? leak_status_ : error_status_).store(static_cast<int>(status));
  WatchProcessEnd();
}

void ProcessReporter::ForgetParentProcess() {
  const int process = os::ProcessId();
  const int before = process_.exchange(process);
  if (before == process) return;
  if (before != 0) ProcessFrames::ResetAfterFork();
  active_threads_.store(0);
  hook_called_.store(false);
  error_status_.store(0);
  leak_status_.store(0);
}

void ProcessReporter::WatchProcessEnd() {
  if (watches_end_.exchange(true)) return;
  if (!os::AtProcessEnd(&OnProcessEnd)) watches_end_.store(false);
}

int ProcessReporter::OnProcessEnd(int status) {
  return global_reporter.StatusAtEnd(status);
}

// Errors that destructors report after this watch the end anew.
int ProcessReporter::StatusAtEnd(int status) {
  watches_end_.store(false);
  if (!is_finished_by_caller_.load()) Finish();
  if (process_.load() != os::ProcessId()) return status;
  if (const int wanted = error_status_.load(); wanted != 0) return wanted;
  return status != 0 ? status : leak_status_.load();
}

ProcessReporter& GlobalReporter() { return global_reporter; }

ErrorSink& DefaultErrorSink() { return global_reporter; }

void OptionsErrorSink::OnError(const ErrorRecord& record) {
  global_reporter.ReportError(record, options_);
}

void OptionsErrorSink::OnLeaks(const LeakReport& report) {
  global_reporter.ReportLeaks(report, options_);
}

void OptionsErrorSink::OnTrace(const OperationTrace& trace) {
  global_reporter.ReportTrace(trace, options_);
}

bool ThreadIsReporting() { return this_thread.is_reporting; }

void MarkThreadAsHelper() { this_thread.is_helper = true; }

bool ThreadIsHelper() { return this_thread.is_helper; }

}  // namespace dbgalloc::report
