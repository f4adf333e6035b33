#include "alloc/interpose/process_leaks.h"

#include <algorithm>

#include "alloc/base/text_writer.h"
#include "alloc/debug/leak_groups.h"
#include "alloc/heap/heap.h"
#include "alloc/interpose/fork_handlers.h"
#include "alloc/interpose/heap_use.h"
#include "alloc/interpose/note.h"
#include "alloc/interpose/runtime.h"
#include "alloc/leak/leak_check.h"
#include "alloc/os/errno_keeper.h"
#include "alloc/os/raw_io.h"
#include "alloc/os/signal_watch.h"
#include "alloc/os/thread.h"
#include "alloc/report/reporter.h"
#include "dbgalloc/options.h"
#include "dbgalloc/page_allocator.h"

extern "C" {

// Defined by programs that were annotated for LeakSanitizer: not 0 turns leak
// checks off.
[[gnu::weak]] int __lsan_is_turned_off(void);

}  // extern "C"

namespace dbgalloc::interpose {

constinit RootRegions root_regions;

namespace {

using debug::DebugHeap;
using debug::LeakGroups;
using leak::ListedBlock;

// A check at a time.
constinit base::SpinLock check_lock;
constinit std::atomic<bool> done_instead{false};
constinit leak::Range checked_regions[RootRegions::kCapacity] = {};

bool IsWanted() {
  const Options& options = Options::FromEnvironment();
  return options.safety && options.detect_leaks &&
         (&__lsan_is_turned_off == nullptr || __lsan_is_turned_off() == 0);
}

leak::RootRules RulesOf(const Options& options) {
  return {options.use_globals, options.use_stacks, options.use_registers,
          options.use_tls};
}

// One check of the process's heap. The caller is inside the heap and holds
// check_lock.
class ProcessCheck {
 public:
  // Lost blocks go to `take`, which returns how many of them count.
  using Take = uint64_t (*)(void* context, const LeakReport& report);

  ProcessCheck(DebugHeap& heap, Operation operation, Take take, void* context)
      : heap_(heap), operation_(operation), take_(take), context_(context) {}

  // Only blocks with this number or a higher one can be lost; the threads stand
  // still for the whole scan.
  void LookSince(uint64_t number) {
    since_ = number;
    stands_still_ = true;
  }

  // Returns how many leaks were reported.
  size_t Run(const stack::CallerFrame& caller,
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
    request_.list_reachable =
        options.leak_check == LeakCheckChoice::kAll && since_ == 0;
    request_.first_number = std::max(since_, FirstNumberAfterFork());
    request_.regions = checked_regions;
    request_.region_count =
        root_regions.CopyTo(checked_regions, RootRegions::kCapacity);
    leak::LeakCheck check(request_);
    if (!Scan(check)) {
      WriteNote("no leak check: no memory for it, or no /proc");
      return 0;
    }
    char how[512];
    base::TextWriter out(how, sizeof(how) - 1);
    check.WriteHow(out);
    how[out.view().size()] = '\0';
    scan_ = how;
    if (options.verbosity >= 1) WriteTimes(check);
    now_ = {0, os::CurrentThread(), 0, true};
    for (leak::Range& region : checked_regions) region = leak::Range();
    const size_t leaks = ReportLost(check);
    if (request_.list_reachable) ReportReachable(check);
    return leaks;
  }

 private:
  bool Scan(leak::LeakCheck& check) {
    if (!check.Prepare()) return false;
    {
      HeapStandstill standstill(heap_);
      check.Look();
    }
    return check.Finish();
  }

  // A block that the scan lists, if it is still there.
  BlockDescription Describe(const ListedBlock& listed) const {
    const heap::BlockRef block{listed.span, &listed.span->records[listed.slot]};
    return heap_.Describe(heap_.blocks().UserBegin(block));
  }

  static void MarkReported(const ListedBlock& listed) {
    listed.span->records[listed.slot].AddLeakMark(heap::kLeakReported);
  }

  size_t ReportLost(const leak::LeakCheck& check) {
    LeakGroups groups(&SystemPages());
    for (uint32_t i = 0; i < check.findings().lost; ++i) {
      const ListedBlock& listed = check[i];
      const BlockDescription block = Describe(listed);
      if (!block.live) continue;
      MarkReported(listed);
      if (listed.head == i) {
        groups.Add(block);
      } else {
        const ListedBlock& head = check[listed.head];
        groups.AddHeld(block, head.span->records[head.slot].alloc_stack);
      }
    }
    return Report(groups, LeakReach::kLost);
  }

  void ReportReachable(const leak::LeakCheck& check) {
    LeakGroups groups(&SystemPages());
    for (uint32_t i = check.findings().lost; i < check.findings().listed; ++i) {
      const BlockDescription block = Describe(check[i]);
      if (block.live) groups.Add(block);
    }
    Report(groups, LeakReach::kReachable);
  }

  size_t Report(LeakGroups& groups, LeakReach reach) {
    if (groups.blocks() == 0) return 0;
    groups.CompleteExamples(
        [this](BlockDescription& block) { heap_.AddTimes(block); });
    LeakReport report = groups.Finish();
    report.operation = operation_;
    report.now = now_;
    report.reach = reach;
    report.scan = scan_;
    return take_(context_, report);
  }

  static void WriteTimes(const leak::LeakCheck& check) {
    char text[160];
    base::TextWriter out(text, sizeof(text));
    out.Text("leak check: scanned for ");
    out.Dec(check.findings().scan_nanoseconds / 1000);
    out.Text(" us; other threads stood still for ");
    out.Dec(check.pause_nanoseconds() / 1000).Text(" us");
    WriteNote(out.view());
  }

  DebugHeap& heap_;
  Operation operation_;
  Take take_;
  void* context_;
  uint64_t since_ = 0;
  bool stands_still_ = false;
  leak::CheckRequest request_;
  const char* scan_ = "";
  HeapEvent now_;
};

uint64_t ReportToProcess(void*, const LeakReport& report) {
  return report::GlobalReporter().ReportLeaks(report,
                                              Options::FromEnvironment());
}

size_t Check(Operation operation, const stack::CallerFrame& caller,
             const os::SavedRegisters& registers) {
  os::ErrnoKeeper keeper;
  DebugHeap* heap = HeapIfOpen();
  if (heap == nullptr) return 0;
  HeapUse use;
  base::SpinLockHolder holder(check_lock);
  return ProcessCheck(*heap, operation, ReportToProcess, nullptr)
      .Run(caller, registers);
}

// Where FindLeaksSince collects what it finds.
struct Collected {
  LeaksSince leaks;
  char* text;
  size_t capacity;
};

uint64_t Collect(void* context, const LeakReport& report) {
  auto& collected = *static_cast<Collected*>(context);
  const report::FormattedLeaks formatted = report::GlobalReporter().FormatLeaks(
      report, collected.text, collected.capacity);
  collected.leaks = {formatted.blocks, formatted.bytes, formatted.text_size};
  return formatted.blocks;
}

}  // namespace

uint64_t MarkForLeaks() {
  DebugHeap* heap = HeapIfOpen();
  return heap == nullptr ? 0 : heap->blocks().SkipNumbers();
}

LeaksSince FindLeaksSince(uint64_t mark, const stack::CallerFrame& caller,
                          const os::SavedRegisters& registers, char* text,
                          size_t capacity) {
  os::ErrnoKeeper keeper;
  DebugHeap* heap = HeapIfOpen();
  if (heap == nullptr || !IsWanted()) return {};
  HeapUse use;
  if (!heap->HasLiveBlockSince(mark)) return {};
  base::SpinLockHolder holder(check_lock);
  Collected collected{{}, text, capacity};
  ProcessCheck check(*heap, Operation::kHeapCheck, Collect, &collected);
  check.LookSince(mark);
  check.Run(caller, registers);
  return collected.leaks;
}

namespace {

// On a helper thread, for a signal.
[[gnu::noinline]] void CheckForSignal() {
  os::SavedRegisters registers;
  os::SaveRegisters(registers);
  CheckLeaks(Operation::kHeapCheck, DBGALLOC_CALLER_FRAME(), registers);
}

}  // namespace

void WatchLeakSignal() {
  const int64_t signal = Options::FromEnvironment().leak_check_signal;
  if (signal == 0 || !IsWanted()) return;
  if (!os::WatchSignal(static_cast<int>(signal), &CheckForSignal)) {
    WriteNote("leak_check_signal: the kernel refused a handler or a thread");
  }
}

size_t CheckLeaks(Operation operation, const stack::CallerFrame& caller,
                  const os::SavedRegisters& registers) {
  return IsWanted() ? Check(operation, caller, registers) : 0;
}

void CheckLeaksAtExit(const stack::CallerFrame& caller,
                      const os::SavedRegisters& registers) {
  if (done_instead.load() || !IsWanted()) return;
  Check(Operation::kExit, caller, registers);
}

void CheckLeaksInsteadOfAtExit(const stack::CallerFrame& caller,
                               const os::SavedRegisters& registers) {
  if (!IsWanted() || done_instead.exchange(true)) return;
  const Options& options = Options::FromEnvironment();
  if (Check(Operation::kExit, caller, registers) == 0) return;
  if (options.leak_exitcode != 0) {
    os::ExitNow(static_cast<int>(options.leak_exitcode.value()));
  }
}

}  // namespace dbgalloc::interpose
