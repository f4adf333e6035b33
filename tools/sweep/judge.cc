#include "tools/sweep/judge.h"

#include <cstring>

namespace dbgalloc::sweep {

Verdict Judge(const Ending& clean, const Ending& ending,
              const PointFacts& facts, bool same_output, std::string* details) {
  if (facts.failed != PointFacts::kDid) {
    *details = facts.failed == PointFacts::kNot
                   ? "the request never came"
                   : "another stack made the request";
    return Verdict::kNondeterministic;
  }
  if (ending.ran_out_of_time || ending.wrote_too_much) {
    *details =
        ending.wrote_too_much ? "it wrote without end" : "no end in time";
    return Verdict::kHung;
  }
  if (!facts.error_kind.empty()) {
    *details = facts.error_kind;
    return Verdict::kCorrupted;
  }
  if (ending.signal != 0) {
    *details = "signal " + std::to_string(ending.signal) + " (" +
               strsignal(ending.signal) + ")";
    return facts.uncaught_exception ? Verdict::kUncaughtException
                                    : Verdict::kCrashed;
  }
  if (facts.leaked_blocks != 0) {
    *details = std::to_string(facts.leaked_bytes) + " bytes in " +
               std::to_string(facts.leaked_blocks) + " blocks";
    return Verdict::kLeaked;
  }
  *details = "exit status " + std::to_string(ending.exit_status);
  const bool succeeds =
      ending.exit_status == clean.exit_status || ending.exit_status == 0;
  if (!succeeds) return Verdict::kHandled;
  if (same_output && ending.exit_status == clean.exit_status) {
    *details = "as without a failure";
    return Verdict::kHandled;
  }
  *details += ", other output";
  return Verdict::kSwallowedOom;
}

}  // namespace dbgalloc::sweep
