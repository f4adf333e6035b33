// Errors made up by hand, at least one of each kind, for tests of formats.
#ifndef DBGALLOC_ALLOC_REPORT_REPORT_SAMPLES_H_
#define DBGALLOC_ALLOC_REPORT_REPORT_SAMPLES_H_

#include <string>
#include <vector>

#include "alloc/report/surroundings.h"
#include "dbgalloc/error_record.h"
#include "dbgalloc/error_sink.h"

namespace dbgalloc::report {

// `name` is that of its golden. A leak report has no record of its own.
struct ReportSample {
  std::string name;
  ErrorRecord record;
  bool is_leak_report = false;
  LeakReport leaks = {};
};

std::vector<ReportSample> AllSamples();

// A process with the number 4242, three threads, the stacks of the samples and
// one readable source file.
Surroundings SampleSurroundings();

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_REPORT_SAMPLES_H_
