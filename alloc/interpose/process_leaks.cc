#include "alloc/interpose/process_leaks.h"

#include <atomic>

#include "alloc/base/spin_lock.h"
#include "alloc/heap/heap.h"
#include "alloc/interpose/heap_use.h"
#include "alloc/interpose/note.h"
#include "alloc/interpose/process_check.h"
#include "alloc/interpose/runtime.h"
#include "alloc/os/errno_keeper.h"
#include "alloc/os/raw_io.h"
#include "alloc/os/signal_watch.h"
#include "alloc/report/reporter.h"
#include "dbgalloc/options.h"

extern "C" {

// Defined by programs that were annotated for LeakSanitizer: not 0 turns leak
// checks off.
[[gnu::weak]] int __lsan_is_turned_off(void);

}  // extern "C"

namespace dbgalloc::interpose {

namespace {

using debug::DebugHeap;
using report::ToldLeaks;

// A check at a time.
constinit base::SpinLock check_lock;
constinit std::atomic<bool> done_instead{false};

bool IsWanted() {
  const Options& options = Options::FromEnvironment();
  return options.safety && options.detect_leaks &&
         (&__lsan_is_turned_off == nullptr || __lsan_is_turned_off() == 0);
}

ToldLeaks ReportToProcess(void*, const LeakReport& report) {
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
      .FindLost(caller, registers)
      .blocks;
}

// Asked for, and cannot be: it is said once. At exit nobody asked.
void SayThatPoolsAreNotScanned() {
  static constinit std::atomic<bool> said{false};
  if (runtime.pool.load(std::memory_order_acquire) == nullptr) return;
  if (said.exchange(true)) return;
  WriteNote(
      "allocator=pool looks for no leaks; allocator=debug (the default) does");
}

// Where a report goes that is not written.
struct TextBuffer {
  char* text;
  size_t capacity;
};

ToldLeaks FormatIntoBuffer(void* context, const LeakReport& report) {
  const auto& buffer = *static_cast<TextBuffer*>(context);
  return report::GlobalReporter().FormatLeaks(report, buffer.text,
                                              buffer.capacity);
}

}  // namespace

uint64_t MarkForLeaks() {
  DebugHeap* heap = HeapIfOpen();
  return heap == nullptr ? 0 : heap->blocks().SkipNumbers();
}

ToldLeaks FindLeaksSince(uint64_t mark, const stack::CallerFrame& caller,
                         const os::SavedRegisters& registers, char* text,
                         size_t capacity) {
  os::ErrnoKeeper keeper;
  DebugHeap* heap = HeapIfOpen();
  if (heap == nullptr || !IsWanted()) return {};
  HeapUse use;
  if (!heap->HasLiveBlockSince(mark)) return {};
  base::SpinLockHolder holder(check_lock);
  TextBuffer buffer{text, capacity};
  ProcessCheck check(*heap, Operation::kHeapCheck, FormatIntoBuffer, &buffer);
  check.LookSince(mark);
  return check.FindLost(caller, registers);
}

ToldLeaks CheckRegion(const RegionOfCode& region,
                      const stack::CallerFrame& caller,
                      const os::SavedRegisters& registers) {
  os::ErrnoKeeper keeper;
  DebugHeap* heap = HeapIfOpen();
  if (heap == nullptr || !IsWanted()) return {};
  HeapUse use;
  if (!heap->HasLiveBlockSince(region.mark)) return {};
  base::SpinLockHolder holder(check_lock);
  TextBuffer nowhere{nullptr, 0};
  ProcessCheck check(*heap, Operation::kHeapCheck,
                     region.silent ? FormatIntoBuffer : ReportToProcess,
                     &nowhere);
  check.LookSince(region.mark);
  check.NameRegion(region.name);
  check.TellAgain();
  if (region.silent) check.KeepUnreported();
  return region.not_freed ? check.FindNotFreed()
                          : check.FindLost(caller, registers);
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
  if (!IsWanted()) return 0;
  SayThatPoolsAreNotScanned();
  return Check(operation, caller, registers);
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
