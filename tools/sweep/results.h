// What is written about a sweep: for people, for other programs, and for its
// own continuation.
#ifndef DBGALLOC_TOOLS_SWEEP_RESULTS_H_
#define DBGALLOC_TOOLS_SWEEP_RESULTS_H_

#include <cstdio>
#include <string>
#include <vector>

#include "tools/sweep/sweep_plan.h"

namespace dbgalloc::sweep {

// The command that repeats a point in the program itself.
std::string RerunCommand(const SweepPlan& plan, const PointResult& point);

// Findings (at most `most`), then a table of verdicts and ways.
void WriteTable(const SweepPlan& plan, const SweepResult& result, size_t most,
                std::FILE* out);

// False: the file cannot be written.
bool WriteJson(const SweepPlan& plan, const SweepResult& result,
               const std::string& path);
bool WriteJunit(const SweepPlan& plan, const SweepResult& result,
                const std::string& path);

// Points as they are done, a line each; a sweep that was killed goes on from
// there.
class StateFile {
 public:
  ~StateFile();
  // Reads what is there, and opens for more. Returns why not; empty: done.
  std::string Open(const SweepPlan& plan, const std::string& path,
                   std::vector<PointResult>* done);
  void Add(const PointResult& point);

 private:
  std::FILE* file_ = nullptr;
};

// Failures that are known and not to be told again: lines of a verdict and a
// pattern for a function, file or module of the stack. `#` begins a comment.
class KnownFailures {
 public:
  // Returns what is wrong with the file; empty: nothing.
  std::string Load(const std::string& path);
  // Whether a line covers this point; remembers that it was needed.
  bool Covers(const PointResult& point);
  // Lines that covered nothing.
  std::vector<std::string> Unused() const;

 private:
  struct Line {
    std::string verdict;
    std::string pattern;
    bool used = false;
  };
  std::vector<Line> lines_;
};

bool IsFinding(const PointResult& point);

}  // namespace dbgalloc::sweep

#endif  // DBGALLOC_TOOLS_SWEEP_RESULTS_H_
