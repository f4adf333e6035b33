#include "alloc/interpose/sweep_notes.h"

#include <dlfcn.h>

#include "alloc/base/malloc_gate.h"
#include "alloc/base/text_writer.h"
#include "alloc/interpose/sweep_stacks.h"
#include "alloc/os/death_signals.h"
#include "alloc/os/raw_io.h"
#include "alloc/report/error_kind.h"
#include "alloc/report/reporter.h"
#include "alloc/stack/stack_hash.h"
#include "dbgalloc/error_sink.h"

namespace dbgalloc::interpose {
namespace {

using fail::SweepBoard;
using fail::SweepPoint;

// How a process ends in which dbgalloc found an error.
constexpr int kErrorStatus = 1;

constinit SweepBoard* board = nullptr;
constinit SweepPoint* point = nullptr;

// __cxa_current_exception_type of the program's C++ runtime, if it has one.
using CurrentExceptionType = void* (*)();
constinit CurrentExceptionType current_exception_type = nullptr;

bool IsNote(const ErrorRecord& record) {
  return report::InfoOf(record.kind).severity == report::Severity::kNote;
}

class CleanSink final : public ErrorSink {
 public:
  void OnError(const ErrorRecord& record) override {
    if (IsNote(record)) return;
    board->clean_error.store(static_cast<uint32_t>(record.kind));
    os::ExitNow(kErrorStatus);
  }
  void OnLeaks(const LeakReport& report) override {
    for (size_t i = 0; i < report.group_count; ++i) {
      const uint32_t count = board->baseline_leaks.load();
      if (count == fail::kSweepBaselineLeaks) return;
      board->baseline[count] = stack::StackHash(report.groups[i].stack);
      board->baseline_leaks.store(count + 1);
    }
  }
};

class PointSink final : public ErrorSink {
 public:
  void OnError(const ErrorRecord& record) override {
    if (IsNote(record)) return;
    KeepStack(*board, record.now.stack, &point->other);
    point->error_kind.store(static_cast<uint32_t>(record.kind));
    os::ExitNow(kErrorStatus);
  }
  void OnLeaks(const LeakReport& report) override {
    for (size_t i = 0; i < report.group_count; ++i) {
      const LeakGroup& group = report.groups[i];
      if (IsOfEveryRun(stack::StackHash(group.stack))) continue;
      if (point->leaked_blocks.load() == 0) {
        KeepStack(*board, group.stack, &point->other);
      }
      point->leaked_bytes += group.bytes;
      point->leaked_blocks.fetch_add(group.blocks);
    }
  }

 private:
  static bool IsOfEveryRun(uint32_t hash) {
    const uint32_t count = board->baseline_leaks.load();
    for (uint32_t i = 0; i < count; ++i) {
      if (board->baseline[i] == hash) return true;
    }
    return false;
  }
};

constinit CleanSink clean_sink;
constinit PointSink point_sink;

[[gnu::noinline]] void OnDeath(int) {
  base::ScopedInsideHeap inside;
  KeepStack(*board, RecordRequestStack(DBGALLOC_CALLER_FRAME()), &point->other);
  const bool in_flight =
      current_exception_type != nullptr && current_exception_type() != nullptr;
  if (in_flight) point->uncaught_exception.store(1);
}

}  // namespace

void NoteCleanRunIn(SweepBoard& run_board) {
  board = &run_board;
  report::GlobalReporter().DivertTo(clean_sink);
}

void NotePointIn(SweepBoard& run_board, SweepPoint& run_point) {
  board = &run_board;
  point = &run_point;
  point->has_failed.store(1);
  {
    base::ScopedInsideHeap inside;  // dlsym may allocate
    current_exception_type = reinterpret_cast<CurrentExceptionType>(
        dlsym(RTLD_DEFAULT, "__cxa_current_exception_type"));
  }
  report::GlobalReporter().DivertTo(point_sink);
  os::WatchDeathSignals(&OnDeath);
}

void NoteEffect() { point->wants_rerun.store(1); }

void WriteOutputPath(const SweepBoard& run_board, uint64_t number, char which,
                     char* path, size_t capacity) {
  base::TextWriter out(path, capacity - 1);
  out.Terminated(run_board.folder).Char('/').Dec(number).Char('.').Char(which);
  path[out.view().size()] = '\0';
}

}  // namespace dbgalloc::interpose
