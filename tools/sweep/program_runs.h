// Runs of the program under a sweep, each with a board, output files and, where
// it must not touch anything, a private copy of the folder.
#ifndef DBGALLOC_TOOLS_SWEEP_PROGRAM_RUNS_H_
#define DBGALLOC_TOOLS_SWEEP_PROGRAM_RUNS_H_

#include <memory>
#include <string>

#include "tools/sweep/board_file.h"
#include "tools/sweep/judge.h"
#include "tools/sweep/process.h"
#include "tools/sweep/sweep_plan.h"

namespace dbgalloc::sweep {

// One run; its files go when it does.
class ProgramRun {
 public:
  // In `folder`, which is made.
  ProgramRun(const SweepPlan& plan, const std::string& folder,
             uint64_t capacity, std::vector<uint64_t> done = {});
  ~ProgramRun();
  ProgramRun(const ProgramRun&) = delete;
  ProgramRun& operator=(const ProgramRun&) = delete;

  BoardFile& board() { return board_; }
  const std::string& folder() const { return folder_; }

  // False: no process, or no copy of the current folder.
  bool Start(bool in_copy);
  int process() const { return process_; }

  std::string Output() const { return ReadAll(output_path()); }
  std::string Error() const { return ReadAll(error_path()); }
  uint64_t OutputSize() const;
  // Of a process that was forked for a point.
  std::string PointOutput(uint64_t number) const;
  uint64_t PointOutputSize(uint64_t number) const;
  void RemovePointFiles(uint64_t number) const;

 private:
  std::string output_path() const { return folder_ + "/output"; }
  std::string error_path() const { return folder_ + "/error"; }

  const SweepPlan& plan_;
  std::string folder_;
  BoardFile board_;
  int process_ = -1;
};

}  // namespace dbgalloc::sweep

#endif  // DBGALLOC_TOOLS_SWEEP_PROGRAM_RUNS_H_
