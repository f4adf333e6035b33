#include "alloc/report/hand_on.h"

#include "alloc/report/glog_bridge.h"
#include "alloc/report/program_hooks.h"
#include "alloc/report/reporting_thread.h"

namespace dbgalloc::report {
namespace {

bool WantsGlog(const Options& options) {
  const LogSinkChoice sink = options.log_sink;
  return (sink == LogSinkChoice::kAuto || sink == LogSinkChoice::kGlog) &&
         RegisteredGlogWriter() != nullptr;
}

bool WantsCallback() {
  return RegisteredErrorCallback() != nullptr && !this_thread.in_callback;
}

// No report is in progress while the program has the word: an error in its
// callback is a report of its own.
void HandToCallback(const ReportCopy& copy) {
  const ErrorCallback callback = RegisteredErrorCallback();
  if (callback == nullptr) return;
  this_thread.in_callback = true;
  this_thread.is_reporting = false;
  callback(copy.view().empty() ? "dbgalloc: no memory for a copy of a report\n"
                               : copy.view().data());
  this_thread.is_reporting = true;
  this_thread.in_callback = false;
}

void HandToGlog(ReportCopy& copy) {
  const GlogWriter writer = RegisteredGlogWriter();
  copy.CutTo(ReportCopy::kGlogCapacity);
  if (writer != nullptr && !copy.view().empty()) {
    writer(copy.view(), copy.is_on_stderr());
  }
}

}  // namespace

size_t CopyCapacity(const Options& options) {
  if (WantsCallback()) return ReportCopy::kCallbackCapacity;
  return WantsGlog(options) ? ReportCopy::kGlogCapacity : 0;
}

void HandOn(const Options& options, ReportCopy copy) {
  if (WantsCallback()) HandToCallback(copy);
  if (WantsGlog(options)) HandToGlog(copy);
  copy.Release();
}

}  // namespace dbgalloc::report
