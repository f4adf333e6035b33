// The frame of a SARIF log: everything but its results. SARIF 2.1.0,
// docs.oasis-open.org/sarif/sarif/v2.1.0.
//
//   head: {"$schema":...,"runs":[{"tool":...,"results":[
//   tail:                                              ]}]}
//
// The results come last, so that a further report can be put into a file that
// holds a log already: its tail is cut off, and of the new log only the results
// and the tail are appended (report_output.cc).
#ifndef DBGALLOC_ALLOC_REPORT_SARIF_RUN_H_
#define DBGALLOC_ALLOC_REPORT_SARIF_RUN_H_

#include <string_view>

#include "alloc/base/text_writer.h"

namespace dbgalloc::report {

// What every head ends with, and what occurs in it only there.
inline constexpr std::string_view kSarifHeadEnd = "\"results\":[";
// A whole log ends so, with its line.
inline constexpr std::string_view kSarifTail = "]}]}\n";

// The tool, with a rule for each kind; rule n is that of kind n + 1.
void WriteSarifHead(base::TextWriter& out);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_SARIF_RUN_H_
