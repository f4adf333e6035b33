// The course of a failure sweep: clean runs, then one point after the other,
// within limits.
#ifndef DBGALLOC_ALLOC_TESTING_FAILURE_SWEEPER_H_
#define DBGALLOC_ALLOC_TESTING_FAILURE_SWEEPER_H_

#include <cstdint>
#include <functional>
#include <optional>

#include "alloc/testing/failure_subject.h"
#include "dbgalloc/testing/failure_sweep.h"

namespace dbgalloc {

// All points of a subject, numbered: first each allocation once, then each with
// all later ones, then each resize; modes that are off are left out.
class FailurePoints {
 public:
  FailurePoints() = default;
  FailurePoints(const RunFacts& clean, const FailureSweepOptions& options);

  uint64_t count() const { return once_ + from_ + resize_; }
  FailurePoint At(uint64_t number) const;

 private:
  uint64_t once_ = 0;
  uint64_t from_ = 0;
  uint64_t resize_ = 0;
};

// Threads: one.
class FailureSweeper {
 public:
  // Both must outlive this.
  FailureSweeper(FailureSubject& subject, const FailureSweepOptions& options)
      : subject_(subject), options_(options) {}

  // Two clean runs that agree. False: `result` says why there can be no sweep.
  bool RunClean(FailureSweepResult* result);

  // One point. Nothing: it was handled.
  std::optional<FailureFinding> RunPoint(uint64_t number);

  // Whether a point is this shard's.
  bool IsOurs(uint64_t number) const {
    return number % options_.shard.total == options_.shard.index;
  }

  const FailurePoints& points() const { return points_; }

 private:
  FailureVerdict Judge(const FailurePoint& point, const RunFacts& facts) const;

  FailureSubject& subject_;
  const FailureSweepOptions& options_;
  FailurePoints points_;
};

// Says now and then on standard error how far a sweep is, and when its time is
// over.
class SweepClock {
 public:
  explicit SweepClock(const FailureSweepOptions& options);

  // True: max_seconds have passed.
  bool TimeIsOver() const;
  void TellProgress(uint64_t done, uint64_t total);

 private:
  double Now() const;

  const FailureSweepOptions& options_;
  double start_;
  double last_told_;
};

// Goes through the points from first_point on in this process.
void SweepInProcess(FailureSweeper& sweeper, const FailureSweepOptions& options,
                    FailureSweepResult* result);

// The same in worker processes (failure_workers.cc).
void SweepInWorkers(FailureSweeper& sweeper, const FailureSweepOptions& options,
                    FailureSweepResult* result);

}  // namespace dbgalloc

#endif  // DBGALLOC_ALLOC_TESTING_FAILURE_SWEEPER_H_
