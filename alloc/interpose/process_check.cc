#include "alloc/interpose/process_check.h"

#include <algorithm>
#include <string_view>

#include "alloc/interpose/fork_handlers.h"
#include "alloc/interpose/note.h"
#include "alloc/interpose/root_regions.h"
#include "alloc/os/thread.h"
#include "dbgalloc/options.h"
#include "dbgalloc/page_allocator.h"

namespace dbgalloc::interpose {

namespace {

using debug::DebugHeap;
using debug::LeakGroups;
using leak::ListedBlock;
using report::ToldLeaks;

constinit leak::Range checked_regions[RootRegions::kCapacity] = {};

leak::RootRules RulesOf(const Options& options) {
  return {options.use_globals, options.use_stacks, options.use_registers,
          options.use_tls};
}

void MarkReported(const ListedBlock& listed) {
  listed.span->records[listed.slot].AddLeakMark(heap::kLeakReported);
}

void WriteTimes(const leak::LeakCheck& check) {
  char text[160];
  base::TextWriter out(text, sizeof(text));
  out.Text("leak check: scanned for ");
  out.Dec(check.findings().scan_nanoseconds / 1000);
  out.Text(" us; other threads stood still for ");
  out.Dec(check.pause_nanoseconds() / 1000).Text(" us");
  WriteNote(out.view());
}

}  // namespace

void ProcessCheck::LookSince(uint64_t number) {
  since_ = number;
  stands_still_ = true;
}

void ProcessCheck::Prepare(const stack::CallerFrame& caller,
                           const os::SavedRegisters& registers) {
  const Options& options = Options::FromEnvironment();
  request_.heap = &heap_.blocks();
  const auto object = reinterpret_cast<uintptr_t>(&heap_);
  request_.heap_object = {object, object + DebugHeap::ObjectSize()};
  request_.rules = RulesOf(options);
  request_.caller = registers;
  if (!options.use_registers) {
    request_.caller.stack_pointer = caller.stack_pointer;
  }
  request_.caller_is_main = os::IsMainThread();
  request_.is_live = operation_ != Operation::kExit && !stands_still_;
  request_.stop = options.leak_stop == LeakStopChoice::kPtrace
                      ? os::StopMethod::kPtrace
                      : os::StopMethod::kSignal;
  request_.list_reachable =
      options.leak_check == LeakCheckChoice::kAll && since_ == 0;
  request_.first_number = std::max(since_, FirstNumberAfterFork());
  request_.regions = checked_regions;
  request_.region_count =
      root_regions.CopyTo(checked_regions, RootRegions::kCapacity);
}

ToldLeaks ProcessCheck::FindLost(const stack::CallerFrame& caller,
                                 const os::SavedRegisters& registers) {
  Prepare(caller, registers);
  leak::LeakCheck check(request_);
  if (!Scan(check)) {
    WriteNote("no leak check: no memory for it, or no /proc");
    return {};
  }
  char how[512];
  base::TextWriter out(how, sizeof(how) - 1);
  check.WriteHow(out);
  how[out.view().size()] = '\0';
  scan_ = how;
  if (Options::FromEnvironment().verbosity >= 1) WriteTimes(check);
  for (leak::Range& region : checked_regions) region = leak::Range();
  const ToldLeaks lost = ReportLost(check);
  if (request_.list_reachable) ReportReachable(check);
  return lost;
}

ToldLeaks ProcessCheck::FindNotFreed() {
  LeakGroups groups(&SystemPages());
  heap_.AddLiveBlocks(std::max(since_, FirstNumberAfterFork()), &groups);
  return Report(groups, LeakReach::kNotAsked);
}

bool ProcessCheck::Scan(leak::LeakCheck& check) {
  if (!check.Prepare()) return false;
  {
    HeapStandstill standstill(heap_);
    check.Look();
  }
  return check.Finish();
}

// A block that the scan lists, if it is still there.
BlockDescription ProcessCheck::Describe(const ListedBlock& listed) const {
  const heap::BlockRef block{listed.span, &listed.span->records[listed.slot]};
  return heap_.Describe(heap_.blocks().UserBegin(block));
}

ToldLeaks ProcessCheck::ReportLost(const leak::LeakCheck& check) {
  LeakGroups groups(&SystemPages());
  for (uint32_t i = 0; i < check.findings().lost; ++i) {
    const ListedBlock& listed = check[i];
    const BlockDescription block = Describe(listed);
    if (!block.live) continue;
    if (!keeps_unreported_) MarkReported(listed);
    if (listed.head == i) {
      groups.Add(block);
    } else {
      const ListedBlock& head = check[listed.head];
      groups.AddHeld(block, head.span->records[head.slot].alloc_stack);
    }
  }
  return Report(groups, LeakReach::kLost);
}

void ProcessCheck::ReportReachable(const leak::LeakCheck& check) {
  LeakGroups groups(&SystemPages());
  for (uint32_t i = check.findings().lost; i < check.findings().listed; ++i) {
    const BlockDescription block = Describe(check[i]);
    if (block.live) groups.Add(block);
  }
  Report(groups, LeakReach::kReachable);
}

ToldLeaks ProcessCheck::Report(LeakGroups& groups, LeakReach reach) {
  if (groups.blocks() == 0) return {};
  groups.CompleteExamples(
      [this](BlockDescription& block) { heap_.AddTimes(block); });
  LeakReport report = groups.Finish();
  report.operation = operation_;
  report.now = {0, os::CurrentThread(), 0, true};
  report.reach = reach;
  report.scan = scan_;
  report.region = region_;
  return take_(context_, report);
}

}  // namespace dbgalloc::interpose
