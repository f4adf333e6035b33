// The line of a suppression file that would cover an error.
#ifndef DBGALLOC_ALLOC_REPORT_SUPPRESSION_LINE_H_
#define DBGALLOC_ALLOC_REPORT_SUPPRESSION_LINE_H_

#include "alloc/base/text_writer.h"
#include "alloc/report/json_writer.h"
#include "alloc/report/surroundings.h"
#include "alloc/report/text_stack.h"

namespace dbgalloc::report {

// "double-free:^Release(Node*)$": the kind at this frame, by its function; by
// its file and line, or by its module, where that is not known. False, and
// nothing written: the frame has no name at all.
bool WriteSuppressionLine(base::TextWriter& out, ErrorKind kind,
                          const KeptFrame& frame);

// The same as a member "suppression", where the surroundings want it.
void WriteJsonSuppression(JsonWriter& json, const Surroundings& surroundings,
                          ErrorKind kind, const KeptFrame& frame);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_SUPPRESSION_LINE_H_
