// What the formats make of the samples, beside what stands in testdata.
#ifndef DBGALLOC_ALLOC_REPORT_REPORT_GOLDENS_H_
#define DBGALLOC_ALLOC_REPORT_REPORT_GOLDENS_H_

#include <string>

#include "alloc/report/report_samples.h"

namespace dbgalloc::report {

// One file a sample: folder/NAMEending has what `render` made of it.
struct ReportGoldens {
  std::string folder;
  std::string ending;
  std::string (*render)(const ReportSample& sample);
};

// The main() of a test of a report format: the program's own tests and one for
// each sample. With --update_goldens the files are written anew instead, in
// the source tree when Bazel runs the program.
int RunGoldenTests(const ReportGoldens& goldens, int argc, char** argv);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_REPORT_GOLDENS_H_
