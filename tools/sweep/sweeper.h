// A sweep over all allocation failures of a program.
//
//   clean run (private copy of the folder) -> what it writes and how it ends
//   fork run (in the folder itself)        -> points; a process for each
//   reruns (private copies)                -> points that could not be forked
//   naming run                             -> functions and lines
#ifndef DBGALLOC_TOOLS_SWEEP_SWEEPER_H_
#define DBGALLOC_TOOLS_SWEEP_SWEEPER_H_

#include <functional>
#include <string>
#include <vector>

#include "tools/sweep/sweep_plan.h"

namespace dbgalloc::sweep {

// Called with each point as it is done.
using PointListener = std::function<void(const PointResult&)>;

// `done`: keys of points that need not be tried again. `folder`: an empty one,
// for files of the sweep.
SweepResult Sweep(const SweepPlan& plan, const std::vector<uint64_t>& done,
                  const std::string& folder, const PointListener& listener);

// Gives the frames of these points their names, by a run of the program that
// ends before main.
void NameFrames(const SweepPlan& plan, const std::string& folder,
                std::vector<PointResult*> points);

}  // namespace dbgalloc::sweep

#endif  // DBGALLOC_TOOLS_SWEEP_SWEEPER_H_
