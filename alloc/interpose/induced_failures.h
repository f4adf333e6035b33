// Failures of the program's allocations on request: the fail_* flags and their
// functions of the C interface.
//
//   nothing asked for   -> nobody comes here
//   counting            -> every request is looked at (LookAtEachCall)
//
// Counted is what the program itself asks for: not what happens before main,
// and nothing of the dynamic linker (fail_scope=all: that, too). What dbgalloc
// needs itself never comes here.
#ifndef DBGALLOC_ALLOC_INTERPOSE_INDUCED_FAILURES_H_
#define DBGALLOC_ALLOC_INTERPOSE_INDUCED_FAILURES_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "alloc/debug/debug_heap.h"
#include "alloc/fail/fail_gate.h"
#include "alloc/os/env.h"
#include "dbgalloc/error_record.h"
#include "dbgalloc/options.h"

namespace dbgalloc::interpose {

struct FailureCounts {
  uint64_t allocations = 0;  // that succeeded since counting began
  uint64_t resizes = 0;
  uint64_t failures = 0;  // that were induced
};

// One a process. Threads: any, apart from SetRules().
class InducedFailures {
 public:
  // What a fork sweep wants to know of each request that would succeed; true:
  // it shall fail (this process is the forked one).
  using Chooser = bool (*)(const ErrorRecord& request,
                           const debug::CallerFrame& caller);

  constexpr InducedFailures() = default;
  InducedFailures(const InducedFailures&) = delete;
  InducedFailures& operator=(const InducedFailures&) = delete;

  bool counting() const { return counting_.load(std::memory_order_relaxed); }

  // The process starts: fail_scope=all counts from here on.
  void OnStart(const Options& options);
  // main is about to begin: everything else counts from here on.
  void OnMain(const Options& options);

  // New rules, and counting from 0 on. Not while other threads allocate.
  void SetRules(const Options& options);
  // A new first index, kNever for none; counting goes on, or begins now.
  void SetFailIndex(uint64_t index);
  void ResetCounters();
  FailureCounts counts() const;

  // Counts from 0 on whatever the rules say, and asks `chooser`, without notes;
  // null: asks nobody any more.
  void SetChooser(Chooser chooser);
  // From now on every allocation fails (a chooser in a forked process).
  void FailFromNowOn();

  // Whether this request shall fail; then that has been noted. Else it has
  // taken an index, which it gives back if it does not succeed. The calling
  // thread is not inside the heap.
  bool RefusesAllocation(const debug::AllocationRequest& request,
                         const debug::CallerFrame& caller);
  void GiveBackAllocation(const debug::CallerFrame& caller);
  bool RefusesResize(const void* block, size_t size,
                     const debug::CallerFrame& caller);
  void GiveBackResize(const debug::CallerFrame& caller);

 private:
  void BeginCounting();
  bool IsExempt(const debug::CallerFrame& caller) const;
  bool Refuses(fail::FailGate& gate, ErrorRecord request,
               const debug::CallerFrame& caller);
  void Note(ErrorRecord request, uint64_t index,
            const debug::CallerFrame& caller);

  std::atomic<bool> counting_{false};
  bool writes_notes_ = true;
  bool covers_everything_ = false;  // fail_scope=all
  std::atomic<Chooser> chooser_{nullptr};
  std::atomic<uint64_t> failures_{0};
  os::AddressRange loader_;  // the dynamic linker's code
  fail::FailGate allocations_;
  fail::FailGate resizes_;
};

extern constinit InducedFailures induced_failures;

}  // namespace dbgalloc::interpose

#endif  // DBGALLOC_ALLOC_INTERPOSE_INDUCED_FAILURES_H_
