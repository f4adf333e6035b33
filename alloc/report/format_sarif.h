// The SARIF form of a report: a whole log of one run on one line. What GitHub
// and editors show of it: the place to blame, the life of the block as a code
// flow (allocate, free, use), and the same places as links in the message.
#ifndef DBGALLOC_ALLOC_REPORT_FORMAT_SARIF_H_
#define DBGALLOC_ALLOC_REPORT_FORMAT_SARIF_H_

#include "alloc/base/text_writer.h"
#include "alloc/report/surroundings.h"
#include "alloc/report/text_stack.h"
#include "dbgalloc/error_record.h"
#include "dbgalloc/error_sink.h"

namespace dbgalloc::report {

void FormatSarifError(const ErrorRecord& record,
                      const Surroundings& surroundings, TextScratch& scratch,
                      base::TextWriter& out);

// A result for each group.
void FormatSarifLeaks(const LeakReport& report,
                      const Surroundings& surroundings, TextScratch& scratch,
                      base::TextWriter& out);

// A result at the level of a note, with the number of times.
void FormatSarifRepeat(const ErrorRecord& record, uint64_t times,
                       const Surroundings& surroundings, TextScratch& scratch,
                       base::TextWriter& out);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_FORMAT_SARIF_H_
