// The JSON form of a report: one object, one line. docs/report_schema.md
// describes it, docs/report_schema.json is its JSON schema.
//
// Written as a whole at the end, not piece by piece as the text form is: a line
// with another thread's output in it could not be read. Needs no operating
// system.
#ifndef DBGALLOC_ALLOC_REPORT_FORMAT_JSON_H_
#define DBGALLOC_ALLOC_REPORT_FORMAT_JSON_H_

#include <cstdint>

#include "alloc/base/text_writer.h"
#include "alloc/report/surroundings.h"
#include "alloc/report/text_stack.h"
#include "dbgalloc/error_record.h"
#include "dbgalloc/error_sink.h"

namespace dbgalloc::report {

void FormatJsonError(const ErrorRecord& record,
                     const Surroundings& surroundings, TextScratch& scratch,
                     base::TextWriter& out);

void FormatJsonLeaks(const LeakReport& report, const Surroundings& surroundings,
                     TextScratch& scratch, base::TextWriter& out);

void FormatJsonRepeat(const ErrorRecord& record, uint64_t times,
                      const Surroundings& surroundings, TextScratch& scratch,
                      base::TextWriter& out);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_FORMAT_JSON_H_
