#include "tools/sweep/sweeper.h"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <map>
#include <memory>

#include "alloc/report/error_kind.h"
#include "tools/sweep/program_runs.h"

namespace dbgalloc::sweep {
namespace {

using fail::SweepPhase;
using fail::SweepPoint;

constexpr uint64_t kMostPoints = 1 << 18;
constexpr uint64_t kMostOutput = 64 << 20;  // of one process, in bytes
constexpr int kTick = 20;                   // milliseconds

uint64_t CapacityFor(const SweepPlan& plan) {
  return plan.max_points == 0 ? kMostPoints
                              : std::min(plan.max_points, kMostPoints);
}

std::string HowItEnded(const Ending& ending) {
  if (ending.ran_out_of_time) return "it did not end in time";
  if (ending.signal != 0) {
    return std::string("it died of ") + strsignal(ending.signal);
  }
  return "exit status " + std::to_string(ending.exit_status);
}

// A process in which a point fails.
struct Running {
  uint64_t number = 0;  // of the point on its board
  double start = 0;
  bool ran_out_of_time = false;
  bool wrote_too_much = false;
  std::unique_ptr<ProgramRun> rerun;  // null: forked from the program
};

class Sweeper {
 public:
  Sweeper(const SweepPlan& plan, const std::vector<uint64_t>& done,
          const std::string& folder, const PointListener& listener)
      : plan_(plan),
        folder_(folder),
        listener_(listener),
        start_(Now()),
        program_(plan, folder + "/program", CapacityFor(plan), done) {}

  SweepResult Run() {
    BlockChildSignal();
    if (!program_.board().ok()) {
      result_.mistake = "no room for the sweep's files in " + folder_;
    } else if (RunClean()) {
      RunProgram();
      result_.seconds = Now() - start_;
    }
    return std::move(result_);
  }

 private:
  // --- Without any failure ---

  bool RunClean() {
    ProgramRun run(plan_, folder_ + "/clean", 1);
    if (!run.board().ok() || !run.Start(/*in_copy=*/true)) {
      result_.mistake = "the program cannot be started";
      return false;
    }
    clean_.ending = WaitFor(run.process(), plan_.max_seconds);
    clean_.output = run.Output();
    clean_.error = run.Error();
    fail::SweepBoard& board = *run.board();
    result_.mistake = WhyNot(board);
    const uint32_t leaks = board.baseline_leaks.load();
    std::memcpy(program_.board()->baseline, board.baseline,
                leaks * sizeof(board.baseline[0]));
    program_.board()->baseline_leaks.store(leaks);
    return result_.mistake.empty();
  }

  std::string WhyNot(const fail::SweepBoard& board) const {
    if (board.has_begun.load() == 0) {
      return "dbgalloc does not serve the program's malloc: " +
             HowItEnded(clean_.ending) +
             " (a static program must be linked with //:malloc; a set-user-id "
             "one cannot be swept)\n" +
             clean_.error;
    }
    const auto kind = static_cast<ErrorKind>(board.clean_error.load());
    if (kind != ErrorKind::kNone) {
      return "the program has an error without any failure: " +
             std::string(report::InfoOf(kind).slug);
    }
    if (clean_.ending.ran_out_of_time || clean_.ending.signal != 0) {
      return "without any failure, " + HowItEnded(clean_.ending);
    }
    return {};
  }

  // --- The program and what it forks ---

  void RunProgram() {
    program_.board()->phase = SweepPhase::kFork;
    if (!program_.Start(/*in_copy=*/false)) {
      result_.mistake = "the program cannot be started";
      return;
    }
    program_runs_ = true;
    while (program_runs_ || !running_.empty() || !reruns_.empty() ||
           !unknown_.empty()) {
      TakeNewPoints();
      if (!Reap()) WaitForChange(kTick);
      CheckLimits();
      StartReruns();
    }
    Conclude();
  }

  void TakeNewPoints() {
    fail::SweepBoard& board = *program_.board();
    for (; seen_ < board.point_count.load(); ++seen_) {
      const SweepPoint& point = board.points[seen_];
      if (point.state.load() == SweepPoint::kRerun) {
        reruns_.push_back(seen_);
        continue;
      }
      Running& running = running_[point.process];
      running.number = seen_;
      running.start = Now();
    }
    for (auto ended = unknown_.begin(); ended != unknown_.end();) {
      auto found = running_.find(ended->first);
      if (found == running_.end()) {
        ++ended;
        continue;
      }
      Finish(found, ended->second);
      ended = unknown_.erase(ended);
    }
  }

  // True: a process had ended.
  bool Reap() {
    int status = 0;
    const int process = waitpid(-1, &status, WNOHANG);
    if (process <= 0) return false;
    if (process == program_.process()) {
      program_runs_ = false;
      program_ending_ = EndingOf(status);
      TakeNewPoints();
      return true;
    }
    auto found = running_.find(process);
    if (found == running_.end()) {
      unknown_[process] = status;  // ended before its point was published
    } else {
      Finish(found, status);
    }
    return true;
  }

  void Finish(std::map<int, Running>::iterator place, int status) {
    kill(-place->first, SIGKILL);  // what it may have left behind
    Running running = std::move(place->second);
    running_.erase(place);
    Ending ending = EndingOf(status);
    ending.ran_out_of_time = running.ran_out_of_time;
    ending.wrote_too_much = running.wrote_too_much;
    if (running.rerun == nullptr) {
      FinishForked(running, ending);
      program_.board().FreePlace();
    } else {
      FinishRerun(running, ending);
    }
  }

  void FinishForked(const Running& running, const Ending& ending) {
    SweepPoint& point = program_.board()->points[running.number];
    const bool must_rerun =
        point.wants_rerun.load() != 0 || ending.signal == SIGSYS;
    if (must_rerun) {
      point.hazard = fail::SweepHazard::kEffect;
      reruns_.push_back(running.number);
    } else {
      const std::string output = program_.PointOutput(running.number);
      const bool same = clean_.output.size() >= point.output_size &&
                        clean_.output.compare(point.output_size,
                                              std::string::npos, output) == 0;
      Add(*program_.board(), point, point, *program_.board(), ending, same);
    }
    program_.RemovePointFiles(running.number);
  }

  void FinishRerun(Running& running, const Ending& ending) {
    fail::SweepBoard& board = *running.rerun->board();
    Add(*program_.board(), program_.board()->points[running.number],
        board.points[0], board, ending,
        running.rerun->Output() == clean_.output);
    running.rerun.reset();
  }

  // `asked`: the point as it was published; `done`: as the process left it.
  void Add(const fail::SweepBoard& asked_board, const SweepPoint& asked,
           const SweepPoint& done, const fail::SweepBoard& done_board,
           const Ending& ending, bool same_output) {
    PointResult point = ResultOf(asked_board, asked);
    point.verdict = Judge(clean_.ending, ending, FactsOf(done), same_output,
                          &point.details);
    point.other = FramesOf(done_board, done.other);
    listener_(point);
    result_.points.push_back(std::move(point));
  }

  // --- Points that could not be forked ---

  void StartReruns() {
    // They have their turn when the program is done: it must not wait for them.
    if (program_runs_) return;
    while (!reruns_.empty() &&
           running_.size() < static_cast<size_t>(plan_.jobs)) {
      const uint64_t number = reruns_.front();
      reruns_.pop_front();
      if (stopped_) continue;
      StartRerun(number);
    }
  }

  void StartRerun(uint64_t number) {
    const SweepPoint& asked = program_.board()->points[number];
    auto run = std::make_unique<ProgramRun>(
        plan_, folder_ + "/rerun" + std::to_string(number), 1);
    if (!run->board().ok()) return Stop();
    fail::SweepBoard& board = *run->board();
    board.phase = SweepPhase::kPoint;
    SweepPoint& point = board.points[0];
    point.kind = asked.kind;
    point.index = asked.index;
    point.stack_hash = asked.stack_hash;
    const uint32_t leaks = program_.board()->baseline_leaks.load();
    std::memcpy(board.baseline, program_.board()->baseline,
                leaks * sizeof(board.baseline[0]));
    board.baseline_leaks.store(leaks);
    if (!run->Start(/*in_copy=*/true)) return Stop();
    Running& running = running_[run->process()];
    running.number = number;
    running.start = Now();
    running.rerun = std::move(run);
  }

  // --- Limits ---

  void Stop() {
    stopped_ = true;
    result_.is_complete = false;
    program_.board()->stop.store(1);
  }

  void CheckLimits() {
    const double now = Now();
    const bool out_of_time =
        plan_.max_seconds > 0 && now - start_ > plan_.max_seconds;
    if (out_of_time && !stopped_) Stop();
    if (out_of_time && program_runs_) kill(-program_.process(), SIGKILL);
    if (now - last_check_ < 0.1) return;
    last_check_ = now;
    for (auto& [process, running] : running_) {
      const uint64_t written = running.rerun != nullptr
                                   ? running.rerun->OutputSize()
                                   : program_.PointOutputSize(running.number);
      running.wrote_too_much = written > clean_.output.size() + kMostOutput;
      running.ran_out_of_time = now - running.start > plan_.point_seconds;
      if (running.wrote_too_much || running.ran_out_of_time) {
        kill(-process, SIGKILL);
        kill(process, SIGKILL);
      }
    }
  }

  void Conclude() {
    const fail::SweepBoard& board = *program_.board();
    result_.allocations = board.allocations.load();
    result_.resizes = board.resizes.load();
    result_.stacks = board.stacks.load();
    result_.forks = board.forks.load();
    result_.fork_seconds =
        static_cast<double>(board.fork_nanoseconds.load()) * 1e-9;
    if (board.has_overflowed.load() != 0) result_.is_complete = false;
    if (stopped_) return;
    if (program_ending_.signal != clean_.ending.signal ||
        program_ending_.exit_status != clean_.ending.exit_status ||
        program_.Output() != clean_.output) {
      result_.remark =
          "nondeterministic: two runs without a failure end or write "
          "differently, so swallowed-oom may be said of good points";
    }
  }

  const SweepPlan& plan_;
  const std::string folder_;
  const PointListener& listener_;
  const double start_;
  ProgramRun program_;
  CleanRun clean_;
  SweepResult result_;
  bool program_runs_ = false;
  bool stopped_ = false;
  double last_check_ = 0;
  Ending program_ending_;
  uint64_t seen_ = 0;               // points of the board
  std::map<int, Running> running_;  // by process id
  std::map<int, int> unknown_;      // ended, but not published yet: status
  std::deque<uint64_t> reruns_;
};

}  // namespace

SweepResult Sweep(const SweepPlan& plan, const std::vector<uint64_t>& done,
                  const std::string& folder, const PointListener& listener) {
  return Sweeper(plan, done, folder, listener).Run();
}

}  // namespace dbgalloc::sweep
