// What to try next, per kind: one line of advice under each report.
#ifndef DBGALLOC_ALLOC_REPORT_HINT_H_
#define DBGALLOC_ALLOC_REPORT_HINT_H_

#include <string_view>

#include "dbgalloc/error_record.h"

namespace dbgalloc::report {

// Never empty for a kind of error_kinds.inc.
std::string_view HintFor(const ErrorRecord& record);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_HINT_H_
