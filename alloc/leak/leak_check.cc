#include "alloc/leak/leak_check.h"

#include "alloc/os/clock.h"
#include "alloc/os/pages.h"
#include "alloc/os/program_data.h"
#include "alloc/os/thread.h"
#include "alloc/stack/stack_recorder.h"

namespace dbgalloc::leak {
namespace {

using std::string_view_literals::operator""sv;

// How long a thread may take to stop: on a busy machine it must first be given
// a processor.
constexpr uint64_t kPatience = 2'000'000'000;

// Blocks that other threads allocate between the count and the standstill.
constexpr size_t kSpareBlocks = 65536;
constexpr size_t kSpareSegments = 64;

struct Reason {
  os::StopOutcome outcome;
  std::string_view text;
};
constexpr Reason kReasons[] = {
    {os::StopOutcome::kWaitsForSignals, " waiting for signals"sv},
    {os::StopOutcome::kBlocksSignal, " blocking all signals"sv},
    {os::StopOutcome::kNoAnswer, " not answering in time"sv},
    {os::StopOutcome::kRefused, " that the kernel refused to signal"sv},
};

void WriteThreads(base::TextWriter& out, uint64_t count) {
  out.Dec(count).Text(count == 1 ? " thread"sv : " threads"sv);
}

}  // namespace

LeakCheck::~LeakCheck() {
  if (shared_ != nullptr) os::ReleasePages(shared_, shared_bytes_);
}

void LeakCheck::CountSegment(void* context, uintptr_t, uintptr_t) {
  ++static_cast<LeakCheck*>(context)->segment_capacity_;
}

void LeakCheck::AddSegment(void* context, uintptr_t begin, uintptr_t end) {
  LeakCheck& self = *static_cast<LeakCheck*>(context);
  if (self.segment_count_ == self.segment_capacity_) return;
  self.segments_[self.segment_count_++] = {begin, end};
}

// What is no root, out of the segment that holds it.
void LeakCheck::CutOut(void* context, uintptr_t begin, uintptr_t end) {
  LeakCheck& self = *static_cast<LeakCheck*>(context);
  if (self.segment_count_ == self.segment_capacity_) return;
  for (size_t i = 0; i < self.segment_count_; ++i) {
    Range& segment = self.segments_[i];
    if (begin < segment.begin || end > segment.end) continue;
    self.segments_[self.segment_count_++] = {end, segment.end};
    segment.end = begin;
    return;
  }
}

bool LeakCheck::Prepare() {
  os::ForEachDataSegment(&CountSegment, this);
  segment_capacity_ += kSpareSegments;
  segments_ = memory_.Take<Range>(segment_capacity_);
  if (segments_ == nullptr) return false;
  const size_t locals = os::ForEachDataSegment(&AddSegment, this);
  stack::ForEachRecorderState(&CutOut, this);

  const heap::HeapCounters counters = request_.heap->SumCounters();
  const size_t blocks = counters.allocations - counters.frees + kSpareBlocks;
  const size_t page = os::PageSize();
  shared_bytes_ = sizeof(ScanFindings) + blocks * sizeof(ListedBlock);
  shared_bytes_ = (shared_bytes_ + page - 1) / page * page;
  // A copy of the process writes there for us to read.
  shared_ = request_.is_live ? os::MapSharedPages(shared_bytes_)
                             : os::MapPages(shared_bytes_, page);
  if (shared_ == nullptr) return false;

  RootSources& sources = task_.sources;
  sources.rules = request_.rules;
  sources.caller = request_.caller;
  sources.caller_descriptor = os::ThreadDescriptor();
  sources.caller_is_main = request_.caller_is_main;
  sources.segments = segments_;
  sources.segment_count = segment_count_;
  sources.local_bytes = locals;
  sources.regions = request_.regions;
  sources.region_count = request_.region_count;
  task_.heap = request_.heap;
  task_.heap_object = request_.heap_object;
  task_.list_reachable = request_.list_reachable;
  task_.first_number = request_.first_number;
  task_.tells_again = request_.tells_again;
  task_.findings = new (shared_) ScanFindings();
  task_.list = reinterpret_cast<ListedBlock*>(task_.findings + 1);
  task_.list_capacity = blocks;
  return true;
}

void LeakCheck::Scan(void* task) { RunScan(*static_cast<ScanTask*>(task)); }

void LeakCheck::Look() {
  const uint64_t start = os::MonotonicNanoseconds();
  const bool stopped = threads_.Stop(request_.stop, kPatience);
  // Threads that run on may move the last pointer to a block behind our back.
  if (!stopped && os::MayHaveThreads()) return;
  task_.sources.threads = &threads_;
  const bool copies = request_.is_live && threads_.size() != 0;
  if (copies && copy_.Start(&Scan, &task_)) {
    place_ = Place::kCopy;
  } else {
    place_ = Place::kHere;
    Scan(&task_);
  }
  threads_.Resume();
  pause_nanoseconds_ = os::MonotonicNanoseconds() - start;
}

bool LeakCheck::Finish() {
  if (place_ == Place::kNowhere) return false;
  if (place_ == Place::kCopy && !copy_.Wait()) return false;
  return task_.findings->complete;
}

void LeakCheck::WriteHow(base::TextWriter& out) const {
  out.Text(place_ == Place::kCopy ? "of a copy of the process"sv
                                  : "in place"sv);
  WriteStops(out);
  WriteGaps(out);
}

void LeakCheck::WriteStops(base::TextWriter& out) const {
  if (threads_.size() == 0) {
    out.Text("; the process had no other thread");
    return;
  }
  if (threads_.stopped() != 0) {
    out.Text(place_ == Place::kCopy ? ", made while "sv : ", while "sv);
    WriteThreads(out, threads_.stopped());
    out.Text(threads_.stopped() == 1 ? " was"sv : " were"sv);
    out.Text(threads_.method() == os::StopMethod::kPtrace
                 ? " stopped by ptrace"sv
                 : " stopped by a signal"sv);
  }
  if (threads_.ptrace_refused()) out.Text("; the kernel refused ptrace");
  for (const Reason& reason : kReasons) {
    uint64_t count = 0;
    for (size_t i = 0; i < threads_.size(); ++i) {
      count += threads_[i].outcome == reason.outcome;
    }
    if (count == 0) continue;
    out.Text("; not stopped: ");
    WriteThreads(out, count);
    out.Text(reason.text);
  }
  if (threads_.incomplete()) out.Text("; not all threads were looked at");
}

void LeakCheck::WriteGaps(base::TextWriter& out) const {
  const ScanFindings& findings = *task_.findings;
  if (findings.withheld != 0) {
    out.Text("; not listed: ").Dec(findings.withheld);
    out.Text(
        " lost blocks of threads not stopped, whose registers may hold "
        "them");
  }
  if (findings.unreadable_bytes != 0) {
    out.Text("; not readable: ").Dec(findings.unreadable_bytes);
    out.Text(" bytes");
  }
}

}  // namespace dbgalloc::leak
