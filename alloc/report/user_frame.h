// Which frames are the user's own code: the first of them is where a report
// points.
#ifndef DBGALLOC_ALLOC_REPORT_USER_FRAME_H_
#define DBGALLOC_ALLOC_REPORT_USER_FRAME_H_

#include "alloc/report/frame_source.h"

namespace dbgalloc::report {

// False for the C library, the C++ runtime and its headers, the loader, and
// dbgalloc itself.
bool IsUserFrame(const FrameDescription& frame);

// Frames that tell nobody anything: the malloc replacement's own, which stand
// between the C library and main.
bool IsHiddenFrame(const FrameDescription& frame);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_USER_FRAME_H_
