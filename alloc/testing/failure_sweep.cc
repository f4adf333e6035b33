#include "dbgalloc/testing/failure_sweep.h"

#include <algorithm>

#include "alloc/testing/allocator_subject.h"
#include "alloc/testing/failure_sweeper.h"
#include "alloc/testing/join.h"
#include "alloc/testing/process_subject.h"

namespace dbgalloc {
namespace {

FailureSweepResult Sweep(FailureSubject& subject,
                         const FailureSweepOptions& options) {
  FailureSweepResult result;
  FailureSweeper sweeper(subject, options);
  if (!sweeper.RunClean(&result)) return result;
  if (options.fork) {
    SweepInWorkers(sweeper, options, &result);
  } else {
    SweepInProcess(sweeper, options, &result);
  }
  return result;
}

const char* AdviceOn(FailureVerdict verdict) {
  switch (verdict) {
    case FailureVerdict::kHandled:
      return "";
    case FailureVerdict::kCrashed:
      return "the result of this request is used without a look at it";
    case FailureVerdict::kHung:
      return "it waits for memory that never comes, or tries again for ever";
    case FailureVerdict::kLeaked:
      return "free on this way out what was allocated before it";
    case FailureVerdict::kCorrupted:
      return "something is freed twice, or used half made, on this way out";
    case FailureVerdict::kSwallowedOom:
      return "return an error, or say may_recover where success is meant";
    case FailureVerdict::kNondeterministic:
      return "make runs equal: no clock, no random numbers, no caches";
    case FailureVerdict::kUncaughtException:
      return "let std::bad_alloc through, or return an error";
  }
  return "";
}

std::string TextOf(const FailureFinding& finding) {
  std::string text = Join(
      SlugOf(finding.verdict), ": ",
      finding.mode == FailureMode::kResize ? "resize " : "allocation ",
      finding.index, finding.mode == FailureMode::kFrom ? " and all later" : "",
      " failed\n");
  if (!finding.stack.empty()) {
    text += Join("  requested\n", finding.stack);
  }
  text += Join(finding.details, "  hint: ", AdviceOn(finding.verdict),
               "\n  rerun: DBGALLOC_SWEEP=first_point=", finding.point,
               ":max_points=1\n");
  return text;
}

}  // namespace

const char* SlugOf(FailureVerdict verdict) {
  constexpr const char* kSlugs[] = {
      "handled",          "crashed",           "hung",
      "leaked",           "corrupted",         "swallowed-oom",
      "nondeterministic", "uncaught-exception"};
  return kSlugs[static_cast<size_t>(verdict)];
}

const char* SlugOf(FailureMode mode) {
  constexpr const char* kSlugs[] = {"once", "from", "resize"};
  return kSlugs[static_cast<size_t>(mode)];
}

std::string FailureSweepResult::Text() const {
  if (!mistake.empty()) return Join("no sweep: ", mistake, "\n");
  std::string text;
  for (const FailureFinding& finding : findings) {
    text += Join(TextOf(finding));
  }
  text += Join(points_run, " of ", points, " points (", allocations,
               " allocations, ", resizes, " resizes), ", findings.size(),
               " findings");
  if (!is_complete) text += Join("; go on with first_point=", next_point);
  text += Join("\n");
  return text;
}

FailureSweepResult SweepAllocationFailures(const AllocatingFunction& function,
                                           const FailureSweepOptions& options) {
  AllocatorSubject subject(function);
  return Sweep(subject, options);
}

FailureSweepResult SweepAllocationFailures(
    const std::function<bool()>& function, const FailureSweepOptions& options) {
  ProcessSubject subject(function);
  return Sweep(subject, options);
}

}  // namespace dbgalloc
