#include "alloc/testing/failure_sweeper.h"

#include <cstdio>

#include "alloc/os/clock.h"
#include "alloc/testing/join.h"

namespace dbgalloc {
namespace {

// One-time set-up of what the function uses happens in the first runs.
constexpr int kMaxCleanRuns = 5;

std::string WhatIsWrong(const RunFacts& clean) {
  if (clean.ending != RunEnding::kSuccess) {
    return Join("does not succeed", clean.exception.empty() ? "" : ": ",
                clean.exception);
  }
  if (!clean.errors.empty()) return Join("errs:\n", clean.errors);
  if (!clean.leaks.empty()) return Join("leaks:\n", clean.leaks);
  return {};
}

}  // namespace

FailurePoints::FailurePoints(const RunFacts& clean,
                             const FailureSweepOptions& options)
    : once_(options.once ? clean.allocations : 0),
      from_(options.from ? clean.allocations : 0),
      resize_(options.resize ? clean.resizes : 0) {}

FailurePoint FailurePoints::At(uint64_t number) const {
  if (number < once_) return {FailureMode::kOnce, number};
  number -= once_;
  if (number < from_) return {FailureMode::kFrom, number};
  return {FailureMode::kResize, number - from_};
}

bool FailureSweeper::RunClean(FailureSweepResult* result) {
  result->mistake = subject_.Obstacle();
  if (!result->mistake.empty()) return false;
  RunFacts before = subject_.Run(std::nullopt);
  for (int run = 1; run < kMaxCleanRuns; ++run) {
    const RunFacts now = subject_.Run(std::nullopt);
    const std::string wrong = WhatIsWrong(now);
    const bool same =
        now.allocations == before.allocations && now.resizes == before.resizes;
    if (same && wrong.empty()) {
      result->mistake.clear();
      points_ = FailurePoints(now, options_);
      result->allocations = now.allocations;
      result->resizes = now.resizes;
      result->points = points_.count();
      return true;
    }
    result->mistake =
        wrong.empty()
            ? Join("nondeterministic: clean runs made ", before.allocations,
                   " and then ", now.allocations, " allocations, ",
                   before.resizes, " and then ", now.resizes, " resizes")
            : Join("without any failure, the function ", wrong);
    before = now;
  }
  return false;
}

FailureVerdict FailureSweeper::Judge(const FailurePoint& point,
                                     const RunFacts& facts) const {
  if (!facts.errors.empty()) return FailureVerdict::kCorrupted;
  if (!facts.leaks.empty()) return FailureVerdict::kLeaked;
  if (!facts.has_failed) return FailureVerdict::kNondeterministic;
  if (facts.ending == RunEnding::kException) {
    return FailureVerdict::kUncaughtException;
  }
  const bool may_succeed =
      options_.may_recover || point.mode == FailureMode::kResize;
  return facts.ending == RunEnding::kSuccess && !may_succeed
             ? FailureVerdict::kSwallowedOom
             : FailureVerdict::kHandled;
}

std::optional<FailureFinding> FailureSweeper::RunPoint(uint64_t number) {
  const FailurePoint point = points_.At(number);
  RunFacts facts = subject_.Run(point);
  FailureVerdict verdict = Judge(point, facts);
  if (verdict == FailureVerdict::kLeaked) {
    // What is set up once, such as a message of the first failure, stays
    // without being a leak: it does not come again.
    facts = subject_.RunAgainForLeaks(point);
    verdict = Judge(point, facts);
  }
  if (verdict == FailureVerdict::kHandled) return std::nullopt;
  FailureFinding finding;
  finding.verdict = verdict;
  finding.mode = point.mode;
  finding.point = number;
  finding.index = point.index;
  if (facts.has_failed) finding.stack = subject_.FailureStack();
  finding.details = Join(facts.errors, facts.leaks);
  if (!facts.exception.empty()) {
    finding.details += Join("  exception: ", facts.exception, "\n");
  }
  return finding;
}

SweepClock::SweepClock(const FailureSweepOptions& options)
    : options_(options), start_(Now()), last_told_(start_) {}

double SweepClock::Now() const {
  return static_cast<double>(os::MonotonicNanoseconds()) * 1e-9;
}

bool SweepClock::TimeIsOver() const {
  return options_.max_seconds > 0 && Now() - start_ > options_.max_seconds;
}

void SweepClock::TellProgress(uint64_t done, uint64_t total) {
  const double now = Now();
  if (now - last_told_ < options_.progress_seconds) return;
  last_told_ = now;
  std::fprintf(stderr, "allocation failures: %llu of %llu points, %.0f s\n",
               static_cast<unsigned long long>(done),
               static_cast<unsigned long long>(total), now - start_);
}

void SweepInProcess(FailureSweeper& sweeper, const FailureSweepOptions& options,
                    FailureSweepResult* result) {
  SweepClock clock(options);
  const uint64_t count = sweeper.points().count();
  uint64_t number = options.first_point;
  for (; number < count; ++number) {
    if (!sweeper.IsOurs(number)) continue;
    const bool limit_reached =
        (options.max_points != 0 && result->points_run == options.max_points) ||
        result->findings.size() == options.max_findings || clock.TimeIsOver();
    if (limit_reached) break;
    clock.TellProgress(number, count);
    std::optional<FailureFinding> finding = sweeper.RunPoint(number);
    if (finding) result->findings.push_back(*std::move(finding));
    ++result->points_run;
  }
  result->next_point = number;
  result->is_complete = number >= count;
}

}  // namespace dbgalloc
