// The text form of a report: what docs/errors.md shows and people read.
//
//   ==PID==ERROR: dbgalloc: <kind>: <one sentence>
//   a title and a stack for each party, newest first
//   where:, block:, damage:, hint:, rerun:
//   SUMMARY: dbgalloc: <kind> FILE:LINE in FUNCTION
//   FILE:LINE:COL: error: <kind>: <one sentence> [dbgalloc]
//
// The first line is flushed before anything is looked up, so that it is out
// even if reading symbols crashes. Nothing here needs an operating system.
#ifndef DBGALLOC_ALLOC_REPORT_FORMAT_TEXT_H_
#define DBGALLOC_ALLOC_REPORT_FORMAT_TEXT_H_

#include <cstdint>

#include "alloc/base/text_writer.h"
#include "alloc/report/surroundings.h"
#include "alloc/report/text_stack.h"
#include "dbgalloc/error_record.h"
#include "dbgalloc/error_sink.h"

namespace dbgalloc::report {

// Notes come out shorter: without summary, rerun and compiler-style line.
void FormatTextError(const ErrorRecord& record,
                     const Surroundings& surroundings, TextScratch& scratch,
                     base::TextWriter& out);

void FormatTextLeaks(const LeakReport& report, const Surroundings& surroundings,
                     TextScratch& scratch, base::TextWriter& out);

// One line.
void FormatTextRepeat(const ErrorRecord& record, uint64_t times,
                      const Surroundings& surroundings, TextScratch& scratch,
                      base::TextWriter& out);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_FORMAT_TEXT_H_
