// A program that logs through glog and makes one report at an awkward moment,
// named by its argument. What its LogSink receives goes to standard output.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "alloc/report/reporter.h"
#include "glog/logging.h"

namespace {

void Report(uintptr_t address) {
  dbgalloc::ErrorRecord record;
  record.kind = dbgalloc::ErrorKind::kDoubleFree;
  record.address = address;
  record.now.known = true;
  dbgalloc::Options options;
  options.halt_on_error = false;
  options.exitcode = 0;
  dbgalloc::report::GlobalReporter().ReportError(record, options);
}

// The mode, known before main.
std::string_view Mode() {
  static const std::string* mode = [] {
    const char* value = std::getenv("GLOG_PROBE_MODE");
    return new std::string(value == nullptr ? "" : value);
  }();
  return *mode;
}

// Reports in a static constructor and in the matching, very late destructor.
struct Static {
  Static() {
    if (Mode() == "before_main") Report(0x1000);
  }
  ~Static() {
    if (Mode() == "late_destructor" || Mode() == "exit_in_thread") {
      Report(0x1000);
    }
  }
};
Static static_object;

class Sink final : public google::LogSink {
 public:
  void send(google::LogSeverity severity, const char*, const char*, int,
            const struct tm*, const char* message, size_t size) override {
    const std::string_view text(message, size);
    std::cout << "SINK " << google::GetLogSeverityName(severity) << " "
              << getpid() << ": " << text << std::endl;
    if (Mode() == "inside_sink" && text == "trigger") Report(0x1000);
    if (Mode() == "sink_fails" && text.find("0x1000") != text.npos) {
      Report(0x2000);
    }
    if (Mode() == "sink_hangs" && text.find("0x1000") != text.npos) {
      std::this_thread::sleep_for(std::chrono::hours(1));
    }
  }
};

// Children are forked while other threads log all the time.
void ForkWhileOthersLog() {
  static std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([] {
      while (!stop) LOG(INFO) << "busy";
    });
  }
  int failures = 0;
  for (int i = 0; i < 20; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(5);
      Report(0x1000);
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (status != 0) ++failures;
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  std::cout << "FAILED CHILDREN " << failures << std::endl;
}

}  // namespace

int main(int, char** argv) {
  const std::string_view mode = Mode();
  Sink sink;
  google::AddLogSink(&sink);
  if (mode != "not_initialised") {
    FLAGS_log_dir = std::getenv("TEST_TMPDIR");
    google::InitGoogleLogging(argv[0]);
  }
  if (mode == "not_initialised" || mode == "initialised") Report(0x1000);
  if (mode == "sink_fails") Report(0x1000);
  if (mode == "sink_hangs") {
    Report(0x1000);
    Report(0x2000);
    _exit(0);  // everything of glog's is stuck now
  }
  if (mode == "inside_sink") LOG(INFO) << "trigger";
  if (mode == "forked_child") ForkWhileOthersLog();
  if (mode == "exit_in_thread") {
    std::thread([] { std::exit(0); }).join();
  }
  if (mode == "at_exit") {
    static Sink lasting_sink;
    google::AddLogSink(&lasting_sink);
    std::atexit([] { Report(0x1000); });
  }
  google::RemoveLogSink(&sink);
  return 0;
}
