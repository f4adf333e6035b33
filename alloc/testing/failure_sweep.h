// Makes every allocation and every resize of a function fail in turn, and
// judges what the function makes of it. For GoogleTest, see
// allocation_failures.h.
//
//   clean run, twice -> same counts? -> allocation 0 fails once
//                                    -> allocation 1 fails once ...
//                                    -> from allocation 0 on, all fail ...
//                                    -> resize 0 fails once ...
#ifndef DBGALLOC_ALLOC_TESTING_FAILURE_SWEEP_H_
#define DBGALLOC_ALLOC_TESTING_FAILURE_SWEEP_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "dbgalloc/allocator.h"

namespace dbgalloc {

// What became of one induced failure.
enum class FailureVerdict : uint8_t {
  kHandled,
  kCrashed,            // a signal (fork=1)
  kHung,               // no end in time (fork=1)
  kLeaked,             // memory stayed that a clean run gives back
  kCorrupted,          // dbgalloc reported an error
  kSwallowedOom,       // success, as if nothing had failed
  kNondeterministic,   // another sequence of requests than in a clean run
  kUncaughtException,  // an exception that is not std::bad_alloc
};

// "handled", "swallowed-oom", ...: as in reports and results everywhere.
const char* SlugOf(FailureVerdict verdict);

enum class FailureMode : uint8_t {
  kOnce,    // one allocation fails
  kFrom,    // one allocation and all later ones
  kResize,  // one resize or remap
};

// "once", "from", "resize".
const char* SlugOf(FailureMode mode);

// Which part of the points this process takes: those whose number leaves
// `index` when divided by `total`.
struct FailureShard {
  uint64_t index = 0;
  uint64_t total = 1;
};

struct FailureSweepOptions {
  bool once = true;
  bool from = true;
  bool resize = true;
  // The function may find another way and succeed: that is not swallowed-oom.
  bool may_recover = false;
  // Points run in child processes, a great many in each: a crash or a hang is a
  // verdict, and the sweep goes on behind it.
  bool fork = false;
  uint64_t first_point = 0;     // where to begin, or to go on
  uint64_t max_points = 0;      // 0: all
  double max_seconds = 0;       // 0: no limit on the whole
  double point_seconds = 10;    // a point that takes longer has hung (fork)
  double progress_seconds = 5;  // how often a line says how far it is
  uint64_t max_findings = 20;   // the sweep ends after so many
  FailureShard shard;

  // The defaults, changed by DBGALLOC_SWEEP: the names above and their values,
  // as in "fork=1:first_point=120:max_points=1". Mistakes end the process with
  // status 2.
  static FailureSweepOptions FromEnvironment();
};

struct FailureFinding {
  FailureVerdict verdict = FailureVerdict::kHandled;
  FailureMode mode = FailureMode::kOnce;
  uint64_t point = 0;   // its number in the sweep, for first_point
  uint64_t index = 0;   // of the allocation or resize that failed
  std::string stack;    // of the request that failed
  std::string details;  // what leaked, what was reported, which signal
};

struct FailureSweepResult {
  uint64_t allocations = 0;  // of a clean run
  uint64_t resizes = 0;
  uint64_t points = 0;       // of the whole sweep
  uint64_t points_run = 0;   // here
  bool is_complete = false;  // false: a limit was reached
  uint64_t next_point = 0;   // where to go on
  std::vector<FailureFinding> findings;
  // Why no sweep was possible; empty: it was.
  std::string mistake;

  bool ok() const { return mistake.empty() && findings.empty(); }

  // All of it for a person, with the setting that repeats each finding.
  std::string Text() const;
};

// Returns true for success, false (or throws std::bad_alloc) when memory ran
// out. Called a great many times; each call must do the same.
using AllocatingFunction = std::function<bool(Allocator&)>;

// The function allocates from what it is given: a FailingAllocator over a
// DebugAllocator, so that leaks and misuse are seen.
FailureSweepResult SweepAllocationFailures(const AllocatingFunction& function,
                                           const FailureSweepOptions& options);

// The same for plain code, whose malloc and operator new dbgalloc serves
// (//:malloc, or libdbgalloc.so preloaded). No other thread may allocate
// meanwhile.
FailureSweepResult SweepAllocationFailures(
    const std::function<bool()>& function, const FailureSweepOptions& options);

}  // namespace dbgalloc

#endif  // DBGALLOC_ALLOC_TESTING_FAILURE_SWEEP_H_
