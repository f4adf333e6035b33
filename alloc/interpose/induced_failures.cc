#include "alloc/interpose/induced_failures.h"

#include "alloc/base/malloc_gate.h"
#include "alloc/fail/fail_rules.h"
#include "alloc/interpose/runtime.h"
#include "alloc/os/death_signals.h"
#include "alloc/os/errno_keeper.h"
#include "alloc/os/thread.h"
#include "alloc/report/last_failure.h"
#include "alloc/report/reporter.h"
#include "alloc/stack/stack_recorder.h"

namespace dbgalloc::interpose {

constinit InducedFailures induced_failures;

namespace {

using debug::AllocationRequest;
using debug::CallerFrame;

uint32_t StackOf(const CallerFrame& caller) {
  const Options& options = Options::FromEnvironment();
  constexpr stack::UnwindMethod kMethods[] = {
      stack::UnwindMethod::kAuto, stack::UnwindMethod::kFramePointer,
      stack::UnwindMethod::kTables};
  return stack::RecordStack(
      caller, static_cast<size_t>(options.stack_trace_frames),
      kMethods[static_cast<size_t>(options.unwind.value())]);
}

ErrorRecord RecordOf(Operation operation, Origin origin, size_t size) {
  ErrorRecord record;
  record.kind = ErrorKind::kInducedFailure;
  record.operation = operation;
  record.claimed_origin = origin;
  record.claimed_size = size;
  return record;
}

}  // namespace

void InducedFailures::OnStart(const Options& options) {
  covers_everything_ = options.fail_scope == FailScope::kAll;
  if (covers_everything_) SetRules(options);
}

void InducedFailures::OnMain(const Options& options) {
  if (!covers_everything_) SetRules(options);
}

void InducedFailures::SetRules(const Options& options) {
  const fail::FailRules for_allocations = fail::AllocationRules(options);
  const fail::FailRules for_resizes = fail::ResizeRules(options);
  base::ScopedInsideHeap inside;
  writes_notes_ = options.fail_notes;
  allocations_.SetRules(for_allocations);
  resizes_.SetRules(for_resizes);
  ResetCounters();
  const bool wanted = CanFail(for_allocations) || CanFail(for_resizes);
  if (wanted) BeginCounting();
}

void InducedFailures::SetFailIndex(uint64_t index) {
  allocations_.SetFirstIndex(index);
  if (index != fail::kNever) BeginCounting();
}

void InducedFailures::ResetCounters() {
  allocations_.ResetCounters();
  resizes_.ResetCounters();
  failures_.store(0);
}

FailureCounts InducedFailures::counts() const {
  return {allocations_.next(), resizes_.next(), failures_.load()};
}

void InducedFailures::SetChooser(Chooser chooser) {
  chooser_.store(chooser);
  if (chooser == nullptr) return;
  writes_notes_ = false;
  ResetCounters();
  BeginCounting();
}

void InducedFailures::FailFromNowOn() { allocations_.SetFirstIndex(0); }

void InducedFailures::BeginCounting() {
  if (!covers_everything_) loader_ = os::DynamicLinkerRange();
  if (!counting_.exchange(true)) LookAtEachCall();
}

bool InducedFailures::IsExempt(const CallerFrame& caller) const {
  return caller.program_counter - loader_.begin < loader_.end - loader_.begin;
}

bool InducedFailures::RefusesAllocation(const AllocationRequest& request,
                                        const CallerFrame& caller) {
  if (IsExempt(caller)) return false;
  return Refuses(allocations_,
                 RecordOf(Operation::kAllocate, request.origin, request.size),
                 caller);
}

bool InducedFailures::RefusesResize(const void* block, size_t size,
                                    const CallerFrame& caller) {
  if (IsExempt(caller)) return false;
  ErrorRecord record = RecordOf(Operation::kRemap, Origin::kMalloc, size);
  record.address = reinterpret_cast<uintptr_t>(block);
  return Refuses(resizes_, record, caller);
}

bool InducedFailures::Refuses(fail::FailGate& gate, ErrorRecord request,
                              const CallerFrame& caller) {
  base::ScopedInsideHeap inside;
  uint64_t index;
  bool refuses = !gate.Admit(
      request.claimed_size, [&caller] { return StackOf(caller); }, &index);
  const Chooser chooser = chooser_.load(std::memory_order_relaxed);
  if (!refuses && chooser != nullptr) {
    request.failure_index = index;
    refuses = chooser(request, caller);
    if (refuses) gate.GiveBack();
  }
  if (refuses) Note(request, index, caller);
  return refuses;
}

void InducedFailures::GiveBackAllocation(const CallerFrame& caller) {
  if (!IsExempt(caller)) allocations_.GiveBack();
}

void InducedFailures::GiveBackResize(const CallerFrame& caller) {
  if (!IsExempt(caller)) resizes_.GiveBack();
}

void InducedFailures::Note(ErrorRecord request, uint64_t index,
                           const CallerFrame& caller) {
  os::ErrnoKeeper keeper;
  failures_.fetch_add(1);
  request.failure_index = index;
  request.now = {0, os::CurrentThread(), StackOf(caller), true};
  report::RememberFailure(request);
  os::WatchDeathSignals(&report::ReportLastFailure);
  if (writes_notes_) report::DefaultErrorSink().OnError(request);
}

}  // namespace dbgalloc::interpose
