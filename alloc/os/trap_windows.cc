#include "alloc/os/trap.h"
#include "alloc/os/windows_api.h"

namespace dbgalloc::os {

void RaiseTrap() { DebugBreak(); }

}  // namespace dbgalloc::os
