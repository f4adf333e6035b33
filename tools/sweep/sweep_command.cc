#include "tools/sweep/sweep_command.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cinttypes>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

#include "gflags/gflags.h"
#include "tools/sweep/process.h"
#include "tools/sweep/results.h"
#include "tools/sweep/sweep_plan.h"
#include "tools/sweep/sweeper.h"

DEFINE_string(by, "stack",
              "stack: each distinct calling stack is a point. index: each "
              "single allocation and resize is.");
DEFINE_uint32(per_stack, 1, "With --by=stack: so many points a stack.");
DEFINE_string(modes, "once,from,resize",
              "once: one allocation fails. from: it and all later ones. "
              "resize: one realloc of a block.");
DEFINE_string(filter, "",
              "Only requests whose stack goes through a function, source file "
              "or module with this in its name; * stands for anything.");
DEFINE_uint64(min_size, 0, "Only requests of at least so many bytes.");
DEFINE_uint64(max_size, UINT64_MAX, "Only requests of at most so many bytes.");
DEFINE_int32(jobs, 0, "Processes at a time. 0: one for each processor.");
DEFINE_bool(fork, true,
            "Points are forked from one run of the program where that is safe. "
            "false: each is a run of its own.");
DEFINE_double(point_seconds, 10, "A point that takes longer has hung.");
DEFINE_double(max_seconds, 0, "The sweep ends after so long. 0: no limit.");
DEFINE_uint64(max_points, 0, "So many points at most. 0: no limit.");
DEFINE_string(input, "",
              "File for the program's standard input. By default that of the "
              "sweep, unless it is a terminal.");
DEFINE_string(state, "",
              "File to note finished points in. When it is there already, the "
              "sweep goes on where it ended.");
DEFINE_string(known, "",
              "File of known failures, which are not told: lines of a verdict "
              "and a pattern for a function, source file or module.");
DEFINE_string(json, "", "File for all results, as JSON.");
DEFINE_string(junit, "", "File for all results, as JUnit's XML.");
DEFINE_uint64(max_print, 20, "So many findings are printed at most.");
DEFINE_string(library, "",
              "libdbgalloc.so; none is preloaded into a program that is "
              "linked with dbgalloc. By default the one beside this tool.");
DEFINE_uint64(shard_index, 0, "Which part of the points: from 0.");
DEFINE_uint64(shard_total, 1, "Of how many. By default those of Bazel.");

namespace dbgalloc::sweep {
namespace {

constexpr int kAllHandled = 0;
constexpr int kFindings = 1;
constexpr int kMistake = 2;
constexpr int kIncomplete = 3;

int Complain(const std::string& what) {
  std::fprintf(stderr, "dbgalloc sweep: %s\n", what.c_str());
  return kMistake;
}

// A program that has dbgalloc in it knows the name of the variable.
bool IsLinkedWithDbgalloc(const std::string& program) {
  return ReadAll(program).find(fail::kBoardVariable) != std::string::npos;
}

std::string FindLibrary() {
  std::error_code error;
  const std::filesystem::path own =
      std::filesystem::read_symlink("/proc/self/exe", error);
  const char* runfiles = std::getenv("TEST_SRCDIR");
  const std::string started =
      std::string(gflags::ProgramInvocationName()) + ".runfiles";
  for (const std::filesystem::path& folder :
       {own.parent_path(), own.parent_path().parent_path(),
        std::filesystem::path(started + "/dbgalloc"),
        std::filesystem::path(runfiles == nullptr ? "" : runfiles) /
            "dbgalloc"}) {
    const std::filesystem::path library = folder / "libdbgalloc.so";
    if (std::filesystem::exists(library)) {
      return std::filesystem::canonical(library).string();
    }
  }
  return "";
}

bool TakeModes(SweepPlan* plan) {
  plan->once = plan->from = plan->resize = false;
  std::string modes = FLAGS_modes + ",";
  for (size_t end; (end = modes.find(',')) != std::string::npos;
       modes.erase(0, end + 1)) {
    const std::string mode = modes.substr(0, end);
    if (mode == "once") {
      plan->once = true;
    } else if (mode == "from") {
      plan->from = true;
    } else if (mode == "resize") {
      plan->resize = true;
    } else if (!mode.empty()) {
      return false;
    }
  }
  return plan->once || plan->from || plan->resize;
}

// Bazel's, unless flags say otherwise.
void TakeShard(SweepPlan* plan) {
  plan->shard_index = FLAGS_shard_index;
  plan->shard_total = FLAGS_shard_total;
  const char* total = std::getenv("TEST_TOTAL_SHARDS");
  const char* index = std::getenv("TEST_SHARD_INDEX");
  if (total == nullptr || index == nullptr || FLAGS_shard_total != 1) return;
  plan->shard_total = std::strtoull(total, nullptr, 10);
  plan->shard_index = std::strtoull(index, nullptr, 10);
  if (const char* status = std::getenv("TEST_SHARD_STATUS_FILE")) {
    std::ofstream touched(status);
  }
}

std::string TakeProgram(const std::vector<std::string>& arguments,
                        SweepPlan* plan) {
  if (arguments.empty()) return "a program must stand behind \"--\"";
  plan->command = arguments;
  plan->command[0] = FindProgram(arguments[0]);
  if (plan->command[0].empty()) return arguments[0] + ": no such program";
  if (IsLinkedWithDbgalloc(plan->command[0])) return {};
  plan->library = FLAGS_library.empty() ? FindLibrary() : FLAGS_library;
  if (plan->library.empty() || !std::filesystem::exists(plan->library)) {
    return "libdbgalloc.so is not there: say --library=FILE";
  }
  plan->library = std::filesystem::canonical(plan->library).string();
  return {};
}

// What the program reads. A pipe is read to its end first, for every run wants
// the same.
std::string InputFile(const std::string& folder) {
  if (!FLAGS_input.empty()) {
    return std::filesystem::absolute(FLAGS_input).string();
  }
  struct stat facts = {};
  if (isatty(STDIN_FILENO) || fstat(STDIN_FILENO, &facts) != 0) {
    return "/dev/null";
  }
  std::error_code error;
  const std::filesystem::path path =
      std::filesystem::read_symlink("/proc/self/fd/0", error);
  if (!S_ISFIFO(facts.st_mode)) return error ? "/dev/null" : path.string();
  const std::string spool = folder + "/input";
  std::ofstream(spool, std::ios::binary) << ReadAll("/proc/self/fd/0");
  return spool;
}

std::string TakeFlags(const std::vector<std::string>& arguments,
                      SweepPlan* plan) {
  if (FLAGS_by != "stack" && FLAGS_by != "index") {
    return "--by is stack or index";
  }
  if (!TakeModes(plan)) return "--modes are of once, from and resize";
  plan->by_index = FLAGS_by == "index";
  plan->per_stack = FLAGS_per_stack;
  plan->filter = FLAGS_filter;
  plan->min_size = FLAGS_min_size;
  plan->max_size = FLAGS_max_size;
  plan->jobs = FLAGS_jobs > 0 ? FLAGS_jobs
                              : static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
  plan->fork = FLAGS_fork;
  plan->point_seconds = FLAGS_point_seconds;
  plan->max_seconds = FLAGS_max_seconds;
  plan->max_points = FLAGS_max_points;
  TakeShard(plan);
  if (plan->shard_index >= plan->shard_total) return "no such shard";
  return TakeProgram(arguments, plan);
}

// In memory, if there is such a place.
std::string MakeFolder() {
  const char* temporary = std::getenv("TMPDIR");
  for (const std::string& base :
       {std::string("/dev/shm"),
        std::string(temporary == nullptr ? "/tmp" : temporary)}) {
    std::string folder = base + "/dbgalloc_sweep.XXXXXX";
    if (mkdtemp(folder.data()) != nullptr) return folder;
  }
  return "";
}

// Names frames, and asks what is known.
void Complete(const SweepPlan& plan, const std::string& folder,
              KnownFailures* known, SweepResult* result) {
  std::sort(result->points.begin(), result->points.end(),
            [](const PointResult& a, const PointResult& b) {
              return a.index != b.index ? a.index < b.index : a.kind < b.kind;
            });
  std::vector<PointResult*> bad;
  for (PointResult& point : result->points) {
    if (point.verdict != Verdict::kHandled) bad.push_back(&point);
  }
  NameFrames(plan, folder, bad);
  for (PointResult* point : bad) point->known = known->Covers(*point);
}

int Report(const SweepPlan& plan, const SweepResult& result,
           const KnownFailures& known) {
  WriteTable(plan, result, FLAGS_max_print, stdout);
  if (plan.shard_total == 1) {
    for (const std::string& line : known.Unused()) {
      std::printf("known failure that did not come: %s\n", line.c_str());
    }
  }
  if (!FLAGS_json.empty() && !WriteJson(plan, result, FLAGS_json)) {
    return Complain(FLAGS_json + " cannot be written");
  }
  const char* bazel = std::getenv("XML_OUTPUT_FILE");
  const std::string junit =
      FLAGS_junit.empty() && bazel != nullptr ? bazel : FLAGS_junit;
  if (!junit.empty() && !WriteJunit(plan, result, junit)) {
    return Complain(junit + " cannot be written");
  }
  for (const PointResult& point : result.points) {
    if (IsFinding(point)) return kFindings;
  }
  return result.is_complete ? kAllHandled : kIncomplete;
}

int SweepIn(const std::string& folder, SweepPlan plan) {
  plan.input = InputFile(folder);
  KnownFailures known;
  if (!FLAGS_known.empty()) {
    const std::string mistake = known.Load(FLAGS_known);
    if (!mistake.empty()) return Complain(mistake);
  }
  StateFile state;
  std::vector<PointResult> before;
  if (!FLAGS_state.empty()) {
    const std::string mistake = state.Open(plan, FLAGS_state, &before);
    if (!mistake.empty()) return Complain(mistake);
  }
  std::vector<uint64_t> done;
  for (const PointResult& point : before) done.push_back(point.key);
  SweepResult result = Sweep(
      plan, done, folder, [&](const PointResult& point) { state.Add(point); });
  if (!result.mistake.empty()) return Complain(result.mistake);
  result.points.insert(result.points.end(), before.begin(), before.end());
  Complete(plan, folder, &known, &result);
  return Report(plan, result, known);
}

int RunSweep(const std::vector<std::string>& arguments) {
  SweepPlan plan;
  const std::string mistake = TakeFlags(arguments, &plan);
  if (!mistake.empty()) return Complain(mistake);
  const std::string folder = MakeFolder();
  if (folder.empty()) return Complain("no folder can be made for its files");
  const int status = SweepIn(folder, plan);
  std::error_code error;
  std::filesystem::remove_all(folder, error);
  return status;
}

constexpr char kUsage[] =
    "usage: dbgalloc sweep [--flag=value]... -- program [argument]...\n"
    "\n"
    "Makes each allocation of the program fail in turn and judges what "
    "becomes\n"
    "of it. See docs/sweep.md.\n"
    "\n"
    "Exit status:\n"
    "  0  every failure was handled, or is known\n"
    "  1  there are findings\n"
    "  2  a mistake in the flags, or the program cannot be swept\n"
    "  3  no findings, but a limit ended the sweep before its end\n";

}  // namespace

const cli::Command kSweepCommand = {
    "sweep", "makes every allocation of a program fail in turn", kUsage,
    "tools/sweep/sweep_command.cc", &RunSweep};

}  // namespace dbgalloc::sweep
