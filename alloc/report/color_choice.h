// Whether a report is colored.
#ifndef DBGALLOC_ALLOC_REPORT_COLOR_CHOICE_H_
#define DBGALLOC_ALLOC_REPORT_COLOR_CHOICE_H_

#include "dbgalloc/options.h"

namespace dbgalloc::report {

// `terminal`: all of the report goes to one. In auto, a non-empty NO_COLOR and
// TERM=dumb switch color off.
bool WantsColor(ColorChoice choice, bool terminal);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_COLOR_CHOICE_H_
