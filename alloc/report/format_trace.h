// The text about one operation that trace_alloc or break_at selects: what it
// does, to which block, and its stack.
#ifndef DBGALLOC_ALLOC_REPORT_FORMAT_TRACE_H_
#define DBGALLOC_ALLOC_REPORT_FORMAT_TRACE_H_

#include "alloc/base/text_writer.h"
#include "alloc/report/surroundings.h"
#include "alloc/report/text_stack.h"
#include "dbgalloc/error_sink.h"

namespace dbgalloc::report {

void FormatTextTrace(const OperationTrace& trace,
                     const Surroundings& surroundings, TextScratch& scratch,
                     base::TextWriter& out);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_FORMAT_TRACE_H_
