// Gives the program's callback and glog their copies of a report.
#ifndef DBGALLOC_ALLOC_REPORT_HAND_ON_H_
#define DBGALLOC_ALLOC_REPORT_HAND_ON_H_

#include <cstddef>

#include "alloc/report/report_text.h"
#include "dbgalloc/options.h"

namespace dbgalloc::report {

// How long a copy may have to be; 0: nobody wants one.
size_t CopyCapacity(const Options& options);

// Called without the report lock.
void HandOn(const Options& options, ReportCopy copy);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_HAND_ON_H_
