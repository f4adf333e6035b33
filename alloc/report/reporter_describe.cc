// What the reporter writes that is no error: descriptions, traces, stacks.
#include "alloc/base/text_writer.h"
#include "alloc/os/errno_keeper.h"
#include "alloc/report/format_address.h"
#include "alloc/report/format_trace.h"
#include "alloc/report/reporter.h"
#include "alloc/report/reporter_turn.h"
#include "alloc/report/reporting_thread.h"
#include "alloc/report/text_stack.h"
#include "alloc/report/unsuppressed_leaks.h"

namespace dbgalloc::report {

using base::TextWriter;

void ProcessReporter::DescribeAddress(const AddressFinding& finding) {
  os::ErrnoKeeper keeper;
  if (this_thread.is_reporting) return;
  Turn turn(*this);
  turn.WriteOnlyTo(Destination::kStandardError, CurrentOptions(),
                   [&](const Surroundings& surroundings, TextScratch& scratch,
                       TextWriter& out) {
                     FormatTextAddress(finding, surroundings, scratch, out);
                   });
}

size_t ProcessReporter::FormatStack(uint32_t stack, char* buffer,
                                    size_t capacity) {
  os::ErrnoKeeper keeper;
  if (this_thread.is_reporting || stack == 0 || capacity == 0) return 0;
  Turn turn(*this);
  turn.KeepSymbols();
  return turn.WriteInto(buffer, capacity, CurrentOptions(),
                        [&](const Surroundings& surroundings,
                            TextScratch& scratch, TextWriter& out) {
                          StackWriter(surroundings, scratch, out)
                              .WriteFrames(stack, /*blamed=*/true);
                        });
}

ToldLeaks ProcessReporter::FormatLeaks(const LeakReport& report, char* buffer,
                                       size_t capacity) {
  os::ErrnoKeeper keeper;
  if (this_thread.is_reporting || report.blocks == 0) return {};
  const Options& options = CurrentOptions();
  Turn turn(*this);
  turn.KeepSymbols();
  suppressions_.Load(options);
  ProcessFrames frames(/*symbolize=*/true);
  const UnsuppressedLeaks leaks(report, options, suppressions_, frames);
  if (leaks.report().blocks == 0) {
    frames.Release();
    turn.Skip();
    return {};
  }
  const size_t size = turn.WriteInto(
      buffer, capacity, options,
      [&](const Surroundings& surroundings, TextScratch& scratch,
          TextWriter& out) {
        FormatTextLeaks(leaks.report(), surroundings, scratch, out);
      });
  return {leaks.report().blocks, leaks.report().bytes, size};
}

void ProcessReporter::ReportTrace(const OperationTrace& trace,
                                  const Options& options) {
  os::ErrnoKeeper keeper;
  if (this_thread.is_reporting) return;
  Turn turn(*this);
  turn.KeepSymbols();
  turn.WriteOnlyTo(options.report_format == ReportFormatChoice::kText
                       ? Destination::kReports
                       : Destination::kStandardError,
                   options,
                   [&](const Surroundings& surroundings, TextScratch& scratch,
                       TextWriter& out) {
                     FormatTextTrace(trace, surroundings, scratch, out);
                   });
}

}  // namespace dbgalloc::report
