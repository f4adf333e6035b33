#include "alloc/report/last_failure.h"

#include <atomic>

#include "alloc/base/malloc_gate.h"
#include "alloc/report/reporter.h"

namespace dbgalloc::report {
namespace {

constinit ErrorRecord last_failure;
// 0: none; 1: it is being written or told; 2: there is one.
constinit std::atomic<int> state{0};

}  // namespace

void RememberFailure(const ErrorRecord& failure) {
  if (state.exchange(1) == 1) return;
  last_failure = failure;
  state.store(2);
}

uint32_t LastFailureStack() {
  return state.load() == 2 ? last_failure.now.stack : 0;
}

void ReportLastFailure(int death_signal) {
  if (ThreadIsReporting()) return;
  if (state.exchange(1) != 2) return;
  base::ScopedInsideHeap inside;
  last_failure.death_signal = death_signal;
  DefaultErrorSink().OnError(last_failure);
}

}  // namespace dbgalloc::report
