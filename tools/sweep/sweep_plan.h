// What a sweep shall do, and what it found: plain data.
#ifndef DBGALLOC_TOOLS_SWEEP_SWEEP_PLAN_H_
#define DBGALLOC_TOOLS_SWEEP_SWEEP_PLAN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "alloc/fail/sweep_board.h"

namespace dbgalloc::sweep {

using fail::SweepHazard;
using fail::SweepKind;

struct SweepPlan {
  std::vector<std::string> command;  // the program's absolute path first
  std::string library;               // to preload; empty: none
  std::string input;                 // file for standard input
  bool once = true;
  bool from = true;
  bool resize = true;
  bool by_index = false;
  bool fork = true;  // false: every point is a rerun
  uint32_t per_stack = 1;
  std::string filter;
  uint64_t min_size = 0;
  uint64_t max_size = UINT64_MAX;
  int jobs = 2;
  double point_seconds = 10;
  double max_seconds = 0;   // 0: no limit
  uint64_t max_points = 0;  // 0: no limit
  uint64_t shard_index = 0;
  uint64_t shard_total = 1;
};

enum class Verdict : uint8_t {
  kHandled,
  kCrashed,
  kHung,
  kLeaked,
  kCorrupted,
  kSwallowedOom,
  kNondeterministic,
  kUncaughtException,
};
inline constexpr int kVerdicts = 8;

// "swallowed-oom" and so on.
const char* SlugOf(Verdict verdict);
const char* SlugOf(SweepKind kind);
// "fork", or why it was a rerun: "rerun:thread".
std::string ModeOf(SweepHazard hazard);

// One function of a stack. Inlined calls have the module and offset of the call
// that they stand in.
struct Frame {
  std::string module;
  uint64_t offset = 0;
  std::string function;
  std::string file;
  int line = 0;
};

struct PointResult {
  uint64_t key = 0;
  SweepKind kind = SweepKind::kOnce;
  SweepHazard hazard = SweepHazard::kNone;
  uint64_t index = 0;
  uint64_t size = 0;
  uint32_t stack_hash = 0;
  Verdict verdict = Verdict::kHandled;
  std::string details;       // "signal 11 (Segmentation fault)"
  std::vector<Frame> stack;  // of the request
  std::vector<Frame> other;  // of the death, the error, the largest leak
  bool known = false;        // in the file of known failures
};

struct SweepResult {
  // Why there was no sweep; empty: there was one.
  std::string mistake;
  std::string remark;  // about the program as a whole
  uint64_t allocations = 0;
  uint64_t resizes = 0;
  uint64_t stacks = 0;
  uint64_t forks = 0;
  double fork_seconds = 0;
  double seconds = 0;
  bool is_complete = true;
  std::vector<PointResult> points;
};

}  // namespace dbgalloc::sweep

#endif  // DBGALLOC_TOOLS_SWEEP_SWEEP_PLAN_H_
