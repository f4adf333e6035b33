#include "alloc/debug/self_test.h"

#include <cstdint>

#include "alloc/base/text_writer.h"
#include "alloc/debug/debug_heap.h"
#include "alloc/debug/system_host.h"
#include "alloc/os/env.h"
#include "alloc/os/memory_probe.h"
#include "alloc/os/pages.h"
#include "alloc/os/raw_io.h"
#include "dbgalloc/page_allocator.h"

namespace dbgalloc::debug {
namespace {

constexpr int kUnprotectedStatus = 3;
constexpr size_t kSmall = 40;
constexpr size_t kLarge = size_t{1} << 20;

// Only what the checks themselves depend on: no limits, logs or sampling that
// would keep a bug from being committed.
Options OptionsOfChecks(const Options& from) {
  Options options;
  options.safety = from.safety;
  options.thread_safe = from.thread_safe;
  options.check_threads = from.check_threads;
  options.check_size = from.check_size;
  options.check_alignment = from.check_alignment;
  options.check_family = from.check_family;
  options.detect_leaks = from.detect_leaks;
  options.stack_trace_frames = from.stack_trace_frames;
  options.redzone = from.redzone;
  options.canary = from.canary;
  options.alloc_fill_byte = from.alloc_fill_byte;
  options.free_fill_byte = from.free_fill_byte;
  // The bugs are committed on blocks whose surroundings can be touched.
  options.guard = GuardChoice::kNone;
  options.check_free_fill = from.check_free_fill;
  options.quarantine_size = from.quarantine_size;
  options.never_unmap = from.never_unmap;
  options.retain_metadata = from.retain_metadata;
  options.page_size = from.page_size;
  return options;
}

// Keeps what it is told.
class NotingSink final : public ErrorSink {
 public:
  void OnError(const ErrorRecord& record) override { last_ = record; }
  void OnLeaks(const LeakReport& report) override { leaks_ = report.blocks; }

  // What was told since the last call.
  ErrorRecord Take() {
    ErrorRecord taken = last_;
    last_ = {};
    return taken;
  }
  bool Took(ErrorKind kind) { return Take().kind == kind; }
  uint64_t leaks() const { return leaks_; }

 private:
  ErrorRecord last_;
  uint64_t leaks_ = 0;
};

// The private heap may belong to a thread: this is who uses it now.
constinit uint32_t playing_thread = 0;
uint32_t PlayingThread() { return playing_thread; }

// A private heap and the bugs.
class Bench {
 public:
  explicit Bench(const Options& options) : options_(options) {
    heap_ = MakeHeap(OptionsOfChecks(options));
  }
  ~Bench() {
    if (heap_ != nullptr) DebugHeap::Destroy(heap_);
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  bool ok() const { return heap_ != nullptr; }

  bool DoubleFree() {
    void* block = Get(kSmall);
    Put(block);
    Put(block);
    return sink_.Took(ErrorKind::kDoubleFree);
  }
  bool StacksAreKept() {
    void* block = Get(kSmall);
    Put(block);
    Put(block);
    ErrorRecord error = sink_.Take();
    return error.now.stack != 0 && error.block.allocated.stack != 0 &&
           error.block.freed.stack != 0;
  }
  bool InvalidFree() {
    char on_stack = 0;
    Put(&on_stack);
    return sink_.Took(ErrorKind::kInvalidFree);
  }
  bool InteriorFree() {
    char* block = static_cast<char*>(Get(kSmall));
    Put(block + 8);
    bool noticed = sink_.Took(ErrorKind::kInteriorFree);
    Put(block);
    return noticed;
  }
  bool SizeMismatch() {
    FreeClaim claim;
    claim.size_stated = true;
    claim.size = kSmall + 1;
    Put(Get(kSmall), claim);
    return sink_.Took(ErrorKind::kSizeMismatch);
  }
  bool AlignmentMismatch() {
    FreeClaim claim;
    claim.origin = Origin::kMemalign;
    claim.alignment = 128;
    Put(Get(kSmall, Origin::kMemalign, 64), claim);
    return sink_.Took(ErrorKind::kAlignmentMismatch);
  }
  bool FamilyMismatch() {
    FreeClaim claim;
    claim.origin = Origin::kNew;
    Put(Get(kSmall, Origin::kMalloc), claim);
    return sink_.Took(ErrorKind::kFamilyMismatch);
  }
  bool Overflow() {
    char* block = static_cast<char*>(Get(kSmall));
    Spoil(block + kSmall);
    Put(block);
    return sink_.Took(ErrorKind::kHeapBufferOverflow);
  }
  // Of a block that has another one before it, in case there is no redzone.
  bool Underflow() {
    Get(kSmall);
    char* block = static_cast<char*>(Get(kSmall));
    Spoil(block - 1);
    Put(block);
    return sink_.Took(ErrorKind::kHeapBufferUnderflow);
  }
  bool WriteAfterFree() {
    char* block = static_cast<char*>(Get(kSmall));
    Put(block);
    Spoil(block);
    heap_->CheckHeap(Operation::kHeapCheck, {});
    return sink_.Took(ErrorKind::kWriteAfterFree);
  }
  // Large blocks lie between pages that nobody can read, and so do the pages
  // of one that was freed.
  bool FreedMemoryIsInaccessible() {
    char* block = static_cast<char*>(Get(kLarge));
    bool was_readable = IsReadable(block);
    Put(block);
    return was_readable && !IsReadable(block);
  }
  // On a heap that guards each block, so that the sample need not be waited
  // for.
  bool GuardedBlocks() {
    if (options_.guard == GuardChoice::kNone) return false;
    Options options = OptionsOfChecks(options_);
    options.guard = GuardChoice::kAll;
    DebugHeap::Destroy(heap_);
    heap_ = MakeHeap(options);
    if (heap_ == nullptr) return false;
    constexpr size_t kAligned = 64;  // ends at its page
    const char* block = static_cast<const char*>(Get(kAligned));
    bool guarded =
        block != nullptr && IsReadable(block) && !IsReadable(block + kAligned);
    Put(const_cast<char*>(block));
    return guarded && !IsReadable(block);
  }
  bool GuardPages() {
    char* block = static_cast<char*>(Get(kLarge));
    bool noticed = EndsBefore(block + kLarge, os::PageSize()) &&
                   EndsBefore(block, -os::PageSize());
    Put(block);
    return noticed;
  }
  bool ThreadMisuse() {
    Put(Get(kSmall));
    ++playing_thread;
    Put(Get(kSmall));
    --playing_thread;
    return sink_.Took(ErrorKind::kThreadMisuse);
  }
  bool Leak() {
    Get(kSmall);
    heap_->ReportLiveBlocks(Operation::kDestruction, {});
    return sink_.leaks() != 0;
  }

 private:
  void* Get(size_t size, Origin origin = Origin::kAllocator,
            size_t alignment = 0) {
    AllocationRequest request;
    request.size = size;
    request.alignment = alignment;
    request.origin = origin;
    return heap_->Allocate(request, DBGALLOC_CALLER_FRAME());
  }
  void Put(void* block, const FreeClaim& claim = {}) {
    heap_->Free(block, claim, DBGALLOC_CALLER_FRAME());
  }
  static void Spoil(char* byte) {
    *static_cast<volatile char*>(byte) = static_cast<char>(~*byte);
  }
  DebugHeap* MakeHeap(const Options& options) {
    HeapHost host = SystemHost(options_);
    host.sink = &sink_;
    host.current_thread = &PlayingThread;
    return DebugHeap::Create(SystemPages(), options, host);
  }
  // Whether memory ends in steps of a page from `begin`, behind a redzone.
  static bool EndsBefore(const char* begin, size_t step) {
    constexpr int kMostPages = 4;
    for (int i = 0; i < kMostPages; ++i) {
      begin += step;
      if (!IsReadable(begin)) return true;
    }
    return false;
  }
  static bool IsReadable(const char* address) {
    uintptr_t word = reinterpret_cast<uintptr_t>(address) & ~uintptr_t{7};
    return os::IsReadable(word);
  }

  const Options& options_;
  NotingSink sink_;
  DebugHeap* heap_ = nullptr;
};

// A check, whether it is switched on, and its bug; true: it was noticed.
struct Check {
  std::string_view name;
  bool (*enabled)(const Options& options);
  bool (Bench::*commit)();
};

bool Always(const Options& /*options*/) { return true; }

bool HasFreeFill(const Options& options) {
  return options.check_free_fill && options.free_fill_byte >= 0 &&
         options.quarantine_size != 0;
}

// In the order in which each depends on those before it.
constexpr Check kChecks[] = {
    {"double-free", Always, &Bench::DoubleFree},
    {"stack traces", [](const Options& o) { return o.stack_trace_frames != 0; },
     &Bench::StacksAreKept},
    {"invalid-free", Always, &Bench::InvalidFree},
    {"interior-free", Always, &Bench::InteriorFree},
    {"size-mismatch", [](const Options& o) -> bool { return o.check_size; },
     &Bench::SizeMismatch},
    {"alignment-mismatch",
     [](const Options& o) -> bool { return o.check_alignment; },
     &Bench::AlignmentMismatch},
    {"family-mismatch", [](const Options& o) -> bool { return o.check_family; },
     &Bench::FamilyMismatch},
    {"heap-buffer-overflow", [](const Options& o) { return o.redzone != 0; },
     &Bench::Overflow},
    {"heap-buffer-underflow", [](const Options& o) { return o.redzone != 0; },
     &Bench::Underflow},
    {"write-after-free", HasFreeFill, &Bench::WriteAfterFree},
    {"guard pages of large blocks", Always, &Bench::GuardPages},
    {"guard pages of small blocks",
     [](const Options& o) { return o.guard != GuardChoice::kNone; },
     &Bench::GuardedBlocks},
    {"inaccessible freed memory",
     [](const Options& o) -> bool { return !o.never_unmap; },
     &Bench::FreedMemoryIsInaccessible},
    {"thread-misuse",
     [](const Options& o) -> bool { return o.ChecksThreads(); },
     &Bench::ThreadMisuse},
    {"leak", [](const Options& o) -> bool { return o.detect_leaks; },
     &Bench::Leak},
};

void WriteResult(const SelfTestResult& result) {
  char buffer[256];
  base::TextWriter out(buffer, sizeof(buffer));
  out.Text("==").Dec(static_cast<uint64_t>(os::ProcessId()));
  if (result.unnoticed.empty()) {
    out.Text("==NOTE: dbgalloc: self_test: ").Dec(result.tried);
    out.Text(" checks, each noticed its bug\n");
  } else {
    out.Text("==ERROR: dbgalloc: self_test: ").Text(result.unnoticed);
    out.Text(
        " is switched on, but its bug went unnoticed; the program would "
        "run unprotected\n");
  }
  os::WriteAll(os::kStandardError, out.view());
}

}  // namespace

SelfTestResult RunSelfTest(const Options& claimed, const Options& real) {
  SelfTestResult result;
  if (!claimed.safety) return result;
  for (const Check& check : kChecks) {
    if (!check.enabled(claimed)) continue;
    // Each on a heap of its own: no bug hides another.
    Bench bench(real);
    ++result.tried;
    if (!bench.ok() || !(bench.*check.commit)()) {
      result.unnoticed = check.name;
      return result;
    }
  }
  return result;
}

void SelfTestOrExit(const Options& options) {
  SelfTestResult result = RunSelfTest(options, options);
  if (!result.unnoticed.empty()) {
    WriteResult(result);
    os::ExitNow(kUnprotectedStatus);
  }
  if (options.verbosity >= 1) WriteResult(result);
}

}  // namespace dbgalloc::debug
