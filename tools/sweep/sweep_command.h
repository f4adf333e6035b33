// dbgalloc sweep: every allocation failure of a program.
#ifndef DBGALLOC_TOOLS_SWEEP_SWEEP_COMMAND_H_
#define DBGALLOC_TOOLS_SWEEP_SWEEP_COMMAND_H_

#include "tools/cli/command.h"

namespace dbgalloc::sweep {

extern const cli::Command kSweepCommand;

}  // namespace dbgalloc::sweep

#endif  // DBGALLOC_TOOLS_SWEEP_SWEEP_COMMAND_H_
