// The part of the C interface that makes allocations fail.
#include <string.h>

#include "alloc/interpose/induced_failures.h"
#include "alloc/interpose/runtime.h"
#include "alloc/report/last_failure.h"
#include "dbgalloc/c_api.h"
#include "runtime_flags/option_parser.h"

#define DBGALLOC_ENTRY extern "C" [[gnu::visibility("default"), gnu::noinline]]

using dbgalloc::interpose::induced_failures;

namespace {

// What the rules in force were made from; they point to its texts.
constinit dbgalloc::Options failure_options;

}  // namespace

DBGALLOC_ENTRY void dbgalloc_set_fail_index(int64_t index) {
  dbgalloc::interpose::Start();
  induced_failures.SetFailIndex(index < 0 ? dbgalloc::fail::kNever
                                          : static_cast<uint64_t>(index));
}

DBGALLOC_ENTRY void dbgalloc_reset_fail_counters(void) {
  induced_failures.ResetCounters();
}

DBGALLOC_ENTRY int dbgalloc_set_fail_options(const char* options) {
  dbgalloc::interpose::Start();
  dbgalloc::Options wanted;
  if (!dbgalloc::runtime_flags::ParseOptions(options, {}, {}, &wanted)) {
    return -1;
  }
  failure_options = wanted;
  induced_failures.SetRules(failure_options);
  return 0;
}

DBGALLOC_ENTRY int dbgalloc_get_fail_counts(struct dbgalloc_fail_counts* counts,
                                            size_t size) {
  if (!induced_failures.counting()) return -1;
  const dbgalloc::interpose::FailureCounts known = induced_failures.counts();
  struct dbgalloc_fail_counts told = {};
  told.allocations = known.allocations;
  told.resizes = known.resizes;
  told.failures = known.failures;
  told.last_stack = dbgalloc::report::LastFailureStack();
  memcpy(counts, &told, size < sizeof(told) ? size : sizeof(told));
  return 0;
}
