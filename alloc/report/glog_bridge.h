// The one way from reports to glog. Below the malloc line nothing knows glog;
// alloc/report:glog_sink, where it is linked, registers itself here.
#ifndef DBGALLOC_ALLOC_REPORT_GLOG_BRIDGE_H_
#define DBGALLOC_ALLOC_REPORT_GLOG_BRIDGE_H_

#include <string_view>

namespace dbgalloc::report {

// Hands a whole report, which has been written in raw form before, to glog as
// one message. Where that was to standard error (`is_on_stderr`), glog shall
// not write it there once more. Called without any lock held; comes back within
// about a second whatever glog does. False: glog did not take it, or not in
// time.
using GlogWriter = bool (*)(std::string_view report, bool is_on_stderr);

// Null: no sink.
void RegisterGlogWriter(GlogWriter writer);
GlogWriter RegisteredGlogWriter();

// Where the process stands. The malloc replacement, which starts before main,
// says so through the three functions below; without it the phase stays
// kUnknown until the sink notices the end.
enum class ProcessPhase : unsigned char {
  kUnknown,
  kBeforeMain,
  kInMain,
  kExiting,  // never left again
};

// Called as early as can be by whoever will also call NoteMainBegins().
void NoteMainIsAhead();
// Called when static initialisation is over.
void NoteMainBegins();
// Called by an exit handler registered just before main, or by whatever else
// notices the end first.
void NoteExitBegins();

ProcessPhase CurrentProcessPhase();

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_GLOG_BRIDGE_H_
