#include "alloc/report/glog_sink.h"

#include <atomic>
#include <cstring>
#include <new>
#include <string_view>

#include "alloc/base/malloc_gate.h"
#include "alloc/os/clock.h"
#include "alloc/os/env.h"
#include "alloc/os/helper_thread.h"
#include "alloc/os/pages.h"
#include "alloc/os/thread.h"
#include "alloc/report/glog_bridge.h"
#include "alloc/report/reporter.h"
#include "glog/logging.h"

namespace dbgalloc::report {
namespace {

constexpr uint64_t kPatienceNanoseconds = 1'000'000'000;
constexpr uint64_t kPollNanoseconds = 200'000;
// What a late helper gets at the end of the process.
constexpr uint64_t kLastPatienceNanoseconds = 300'000'000;

// The process that was loaded; a forked child has another number.
std::atomic<int> loaded_process{0};

// One message on its way, in pages of its own: when the helper hangs, they stay
// for as long as it does.
struct Job {
  std::atomic<bool> is_done{false};
  bool is_on_stderr = false;
  size_t text_size = 0;

  char* text() { return reinterpret_cast<char*>(this + 1); }
};

// The job of a helper that did not come back in time: glog is stuck, and so
// would be the next helper. Never given back.
std::atomic<Job*> late_job{nullptr};

size_t JobBytes(size_t text_size) {
  const size_t page = os::PageSize();
  return (sizeof(Job) + text_size + page - 1) / page * page;
}

Job* NewJob(std::string_view report) {
  void* pages = os::MapPages(JobBytes(report.size()), os::PageSize());
  if (pages == nullptr) return nullptr;
  Job* job = new (pages) Job;
  job->text_size = report.size();
  std::memcpy(job->text(), report.data(), report.size());
  return job;
}

// Keeps glog from repeating on standard error what stands there already, as its
// default for errors is: for one message, no severity is high enough. Other
// threads' errors of that very moment go to glog's files and sinks alone. What
// the program asked for by name (logtostderr, alsologtostderr) is done.
class QuietStandardError {
 public:
  explicit QuietStandardError(bool is_wanted)
      : threshold_(FLAGS_stderrthreshold) {
    if (is_wanted) FLAGS_stderrthreshold = google::NUM_SEVERITIES;
  }
  ~QuietStandardError() { FLAGS_stderrthreshold = threshold_; }
  QuietStandardError(const QuietStandardError&) = delete;
  QuietStandardError& operator=(const QuietStandardError&) = delete;

 private:
  const decltype(FLAGS_stderrthreshold) threshold_;
};

void RunJob(void* argument) {
  Job* job = static_cast<Job*>(argument);
  MarkThreadAsHelper();
  base::ScopedArenaMalloc arena_malloc;
  const QuietStandardError quiet(job->is_on_stderr);
  LOG(ERROR) << std::string_view(job->text(), job->text_size);
  job->is_done.store(true, std::memory_order_release);
}

bool WaitFor(const Job& job, uint64_t patience) {
  const uint64_t start = os::MonotonicNanoseconds();
  while (!job.is_done.load(std::memory_order_acquire)) {
    if (os::MonotonicNanoseconds() - start > patience) return false;
    os::SleepNanoseconds(kPollNanoseconds);
  }
  return true;
}

bool MayUseGlog() {
  const ProcessPhase phase = CurrentProcessPhase();
  return (phase == ProcessPhase::kUnknown || phase == ProcessPhase::kInMain) &&
         late_job.load() == nullptr && !ThreadIsHelper() &&
         os::ProcessId() == loaded_process.load() &&
         google::IsGoogleLoggingInitialized();
}

bool WriteToGlog(std::string_view report, bool is_on_stderr) {
  if (!MayUseGlog()) return false;
  if (!report.empty() && report.back() == '\n') report.remove_suffix(1);
  Job* job = NewJob(report);
  if (job == nullptr) return false;
  job->is_on_stderr = is_on_stderr;
  const bool started = os::StartHelperThread(&RunJob, job);
  if (started && !WaitFor(*job, kPatienceNanoseconds)) {
    late_job.store(job);
    return false;
  }
  os::ReleasePages(job, JobBytes(report.size()));
  return started;
}

// A helper may have been waiting for a lock that this very thread held, and be
// in glog now: it must be out before glog's statics are destroyed.
void BeginExit() {
  NoteExitBegins();
  const Job* job = late_job.load();
  if (job == nullptr || os::ProcessId() != loaded_process.load()) return;
  WaitFor(*job, kLastPatienceNanoseconds);
}

// exit() destroys the thread-locals of the thread that calls it, which is
// mostly the main one, before it runs any handler or static destructor.
struct ThreadEndNotice {
  ~ThreadEndNotice() { BeginExit(); }
  void Arm() {}
};
thread_local ThreadEndNotice main_thread_end;

// The sink's presence in the program.
struct Presence {
  Presence() {
    RegisterGlogSink();
    const bool in_main_thread =
        os::KernelThreadId(os::CurrentThread()) == os::ProcessId();
    if (in_main_thread) main_thread_end.Arm();
  }
  ~Presence() {
    BeginExit();
    RegisterGlogWriter(nullptr);
  }
};
Presence presence;

}  // namespace

void RegisterGlogSink() {
  loaded_process.store(os::ProcessId());
  RegisterGlogWriter(&WriteToGlog);
}

}  // namespace dbgalloc::report
