#include "tools/sweep/sweep_plan.h"

namespace dbgalloc::sweep {

const char* SlugOf(Verdict verdict) {
  constexpr const char* kSlugs[kVerdicts] = {
      "handled",          "crashed",           "hung",
      "leaked",           "corrupted",         "swallowed-oom",
      "nondeterministic", "uncaught-exception"};
  return kSlugs[static_cast<size_t>(verdict)];
}

const char* SlugOf(SweepKind kind) {
  constexpr const char* kSlugs[] = {"once", "from", "resize"};
  return kSlugs[static_cast<size_t>(kind)];
}

std::string ModeOf(SweepHazard hazard) {
  constexpr const char* kSlugs[] = {
      "fork",       "rerun:thread",  "rerun:file",    "rerun:channel",
      "rerun:lock", "rerun:mapping", "rerun:no-fork", "rerun:effect"};
  return kSlugs[static_cast<size_t>(hazard)];
}

}  // namespace dbgalloc::sweep
