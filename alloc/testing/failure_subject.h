// What a failure sweep runs again and again: one interface over the two ways to
// make allocations fail.
#ifndef DBGALLOC_ALLOC_TESTING_FAILURE_SUBJECT_H_
#define DBGALLOC_ALLOC_TESTING_FAILURE_SUBJECT_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "dbgalloc/testing/failure_sweep.h"

namespace dbgalloc {

// Which request of a run fails.
struct FailurePoint {
  FailureMode mode = FailureMode::kOnce;
  uint64_t index = 0;
};

enum class RunEnding : uint8_t {
  kSuccess,    // returned true
  kFailure,    // returned false
  kBadAlloc,   // threw std::bad_alloc
  kException,  // threw something else
};

// What one run did.
struct RunFacts {
  RunEnding ending = RunEnding::kSuccess;
  std::string exception;
  uint64_t allocations = 0;
  uint64_t resizes = 0;
  bool has_failed = false;  // the point was reached
  std::string leaks;        // what stayed; empty: nothing
  std::string errors;       // what dbgalloc reported; empty: nothing
};

// Threads: one.
class FailureSubject {
 public:
  virtual ~FailureSubject() = default;

  // Why it cannot be swept; empty: it can.
  virtual std::string Obstacle() const { return {}; }

  // One run; without a point nothing fails.
  virtual RunFacts Run(const std::optional<FailurePoint>& point) = 0;

  // The same with a closer look at leaks, which may take longer.
  virtual RunFacts RunAgainForLeaks(const FailurePoint& point) {
    return Run(point);
  }

  // The stack of the request that failed in the last run.
  virtual std::string FailureStack() const = 0;
};

// Calls `call` and notes how it ends, in `ending` and `exception`. Calls
// `settle` as soon as it has ended, before anything is allocated.
void RunGuarded(const std::function<bool()>& call,
                const std::function<void()>& settle, RunFacts* facts);

}  // namespace dbgalloc

#endif  // DBGALLOC_ALLOC_TESTING_FAILURE_SUBJECT_H_
