// The verdict on one point, from what is known of how its process ended.
#ifndef DBGALLOC_TOOLS_SWEEP_JUDGE_H_
#define DBGALLOC_TOOLS_SWEEP_JUDGE_H_

#include <cstdint>
#include <string>

#include "tools/sweep/sweep_plan.h"

namespace dbgalloc::sweep {

// How a process ended.
struct Ending {
  int exit_status = 0;
  int signal = 0;  // 0: it exited
  bool ran_out_of_time = false;
  bool wrote_too_much = false;
};

// What a process wrote and how it ended, without any failure.
struct CleanRun {
  Ending ending;
  std::string output;
  std::string error;
};

// What the process that failed noted itself.
struct PointFacts {
  enum Failed : uint32_t { kNot, kDid, kElsewhere };
  uint32_t failed = kNot;
  std::string error_kind;  // slug; empty: none
  bool uncaught_exception = false;
  uint64_t leaked_blocks = 0;
  uint64_t leaked_bytes = 0;
};

// `same_output`: standard output is that of the clean run. Sets `*details`.
Verdict Judge(const Ending& clean, const Ending& ending,
              const PointFacts& facts, bool same_output, std::string* details);

}  // namespace dbgalloc::sweep

#endif  // DBGALLOC_TOOLS_SWEEP_JUDGE_H_
