// A sweep in child processes. Each runs points until it is done, dies or hangs;
// then the next one goes on behind the point that ended it.
//
//   parent: start worker -> read findings -> it ended? -> verdict on the point
//                 ^                                       it was at
//                 '------------- next point -------------'
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <string_view>

#include "alloc/os/shared_memory.h"
#include "alloc/os/worker_process.h"
#include "alloc/testing/failure_sweeper.h"
#include "alloc/testing/join.h"
#include "dbgalloc/c_api.h"

namespace dbgalloc {
namespace {

constexpr uint64_t kNone = UINT64_MAX;

// Which worker is where, in memory that parent and workers share.
struct Board {
  std::atomic<uint64_t> point{kNone};  // being run
  std::atomic<uint64_t> points_run{0};
  std::atomic<uint64_t> next_point{0};
  std::atomic<bool> is_done{false};
  std::atomic<bool> has_reported{false};
  std::atomic<bool> has_terminated{false};  // std::terminate was called
  char report[4096] = {};                   // the beginning of the last one
};

Board* board = nullptr;

// Notes, such as that of an induced failure, are reports, too.
bool IsError(const char* report) {
  return std::strstr(report, "==ERROR: dbgalloc") != nullptr ||
         std::strstr(report, "\"severity\":\"error\"") != nullptr;
}

void KeepReport(const char* report) {
  if (board->has_reported.load()) return;
  std::strncpy(board->report, report, sizeof(board->report) - 1);
  board->has_reported.store(IsError(report));
}

[[noreturn]] void NoteTermination() {
  board->has_terminated.store(true);
  std::abort();
}

constexpr char kFieldEnd = '\x1f';
constexpr char kFindingEnd = '\x1e';

std::string Encode(const FailureFinding& finding) {
  return Join(static_cast<int>(finding.verdict), kFieldEnd,
              static_cast<int>(finding.mode), kFieldEnd, finding.point,
              kFieldEnd, finding.index, kFieldEnd, finding.stack, kFieldEnd,
              finding.details, kFindingEnd);
}

std::string_view NextField(std::string_view* text) {
  const size_t end = std::min(text->find(kFieldEnd), text->size());
  const std::string_view field = text->substr(0, end);
  text->remove_prefix(std::min(end + 1, text->size()));
  return field;
}

uint64_t NextNumber(std::string_view* text) {
  return std::strtoull(std::string(NextField(text)).c_str(), nullptr, 10);
}

FailureFinding Decode(std::string_view text) {
  FailureFinding finding;
  finding.verdict = static_cast<FailureVerdict>(NextNumber(&text));
  finding.mode = static_cast<FailureMode>(NextNumber(&text));
  finding.point = NextNumber(&text);
  finding.index = NextNumber(&text);
  finding.stack = NextField(&text);
  finding.details = NextField(&text);
  return finding;
}

// What a worker needs, and what its parent learned so far.
struct Course {
  FailureSweeper& sweeper;
  const FailureSweepOptions& options;
  FailureSweepResult& result;
  SweepClock clock;
};

bool LimitReached(const Course& course, uint64_t findings) {
  const FailureSweepOptions& options = course.options;
  return (options.max_points != 0 &&
          board->points_run.load() == options.max_points) ||
         findings == options.max_findings || course.clock.TimeIsOver();
}

// In the child.
void WorkThroughPoints(void* context, const os::WorkerProcess& self) {
  Course& course = *static_cast<Course*>(context);
  if (dbgalloc_set_error_callback != nullptr) {
    dbgalloc_set_error_callback(&KeepReport);
  }
  std::set_terminate(&NoteTermination);
  uint64_t findings = course.result.findings.size();
  const uint64_t count = course.sweeper.points().count();
  uint64_t number = board->next_point.load();
  for (; number < count && !LimitReached(course, findings); ++number) {
    board->next_point.store(number + 1);
    if (!course.sweeper.IsOurs(number)) continue;
    board->point.store(number);
    course.clock.TellProgress(number, count);
    if (auto finding = course.sweeper.RunPoint(number)) {
      self.Send(Encode(*finding));
      ++findings;
    }
    board->points_run.fetch_add(1);
    board->point.store(kNone);
  }
  board->next_point.store(number);
  board->is_done.store(true);
}

void TakeFindings(std::string* received, FailureSweepResult* result) {
  size_t end;
  while ((end = received->find(kFindingEnd)) != std::string::npos) {
    result->findings.push_back(
        Decode(std::string_view(*received).substr(0, end)));
    received->erase(0, end + 1);
  }
}

// Reads until the worker has ended. True: it hung.
bool Follow(Course& course, os::WorkerProcess* worker) {
  std::string received;
  char buffer[4096];
  const int patience =
      static_cast<int>(course.options.point_seconds * 1000) + 1;
  for (;;) {
    const uint64_t before = board->points_run.load();
    const ptrdiff_t got = worker->Receive(buffer, sizeof(buffer), patience);
    if (got == 0) return false;
    if (got == os::WorkerProcess::kTimedOut) {
      if (board->points_run.load() != before) continue;
      worker->Kill();
      return true;
    }
    received.append(buffer, static_cast<size_t>(got));
    TakeFindings(&received, &course.result);
  }
}

std::string HowItEnded(const os::WorkerProcess::Ending& ending) {
  std::string text =
      ending.signal != 0
          ? Join("  died of signal ", ending.signal, " (",
                 strsignal(ending.signal), ")\n")
          : Join("  left with exit status ", ending.exit_status, "\n");
  text += board->report;
  return text;
}

FailureVerdict VerdictOnEnding(bool hung) {
  if (hung) return FailureVerdict::kHung;
  if (board->has_reported.load()) return FailureVerdict::kCorrupted;
  return board->has_terminated.load() ? FailureVerdict::kUncaughtException
                                      : FailureVerdict::kCrashed;
}

void AddEnding(const Course& course, bool hung,
               const os::WorkerProcess::Ending& ending) {
  const uint64_t number = board->point.load();
  FailureFinding finding;
  finding.verdict = VerdictOnEnding(hung);
  const FailurePoint point = course.sweeper.points().At(number);
  finding.mode = point.mode;
  finding.index = point.index;
  finding.point = number;
  finding.details =
      hung ? Join("  no end after ", course.options.point_seconds, " s\n")
           : HowItEnded(ending);
  course.result.findings.push_back(std::move(finding));
  board->points_run.fetch_add(1);
  board->point.store(kNone);
  board->has_reported.store(false);
  board->report[0] = '\0';
  board->has_terminated.store(false);
}

// False: there is nothing more to do.
bool RunWorker(Course& course) {
  os::WorkerProcess worker;
  if (!worker.Start(&WorkThroughPoints, &course)) {
    course.result.mistake = "no process or pipe for a worker";
    return false;
  }
  const bool hung = Follow(course, &worker);
  const os::WorkerProcess::Ending ending = worker.Wait();
  if (board->point.load() != kNone) AddEnding(course, hung, ending);
  if (board->is_done.load()) return false;
  return !LimitReached(course, course.result.findings.size());
}

}  // namespace

void SweepInWorkers(FailureSweeper& sweeper, const FailureSweepOptions& options,
                    FailureSweepResult* result) {
  void* memory = os::MapSharedMemory(sizeof(Board));
  if (memory == nullptr) {
    result->mistake = "no memory for the workers' board";
    return;
  }
  board = new (memory) Board();
  board->next_point.store(options.first_point);
  Course course{sweeper, options, *result, SweepClock(options)};
  while (RunWorker(course)) {
  }
  result->points_run = board->points_run.load();
  result->next_point = board->next_point.load();
  result->is_complete = result->next_point >= sweeper.points().count();
  os::UnmapShared(memory, sizeof(Board));
}

}  // namespace dbgalloc
