// The last failure that was induced in this process, told again when the
// process dies: it is the likely reason.
#ifndef DBGALLOC_ALLOC_REPORT_LAST_FAILURE_H_
#define DBGALLOC_ALLOC_REPORT_LAST_FAILURE_H_

#include <cstdint>

#include "dbgalloc/error_record.h"

namespace dbgalloc::report {

// Threads: any; of two at once, one is remembered.
void RememberFailure(const ErrorRecord& failure);

// The stack of that failure; 0: there was none.
uint32_t LastFailureStack();

// Writes a note with that failure, if there was one. For whoever handles a
// signal that ends the process; on the thread that dies. Only the first call
// writes.
void ReportLastFailure(int death_signal);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_LAST_FAILURE_H_
