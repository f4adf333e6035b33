// The options under which a rerun of a deterministic program stops where the
// mistake is made, not where it is noticed.
#ifndef DBGALLOC_ALLOC_REPORT_RERUN_OPTIONS_H_
#define DBGALLOC_ALLOC_REPORT_RERUN_OPTIONS_H_

#include "alloc/base/text_writer.h"
#include "dbgalloc/error_record.h"

namespace dbgalloc::report {

// For damage that was found after it was done: the very block gets a guard page
// on the side that was damaged, or when it is freed. Other errors are noticed
// as they are made: the seed that was drawn for guard pages is all they need.
void WriteRerunOptions(base::TextWriter& out, const ErrorRecord& record);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_RERUN_OPTIONS_H_
