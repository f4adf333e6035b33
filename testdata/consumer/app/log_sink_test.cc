// Reports reach the LogSink that this program registered with its own glog,
// whatever its gflags say.

#include <gflags/gflags.h>
#include <glog/logging.h>

#include <cstdlib>
#include <mutex>
#include <string>

#include "gtest/gtest.h"

DEFINE_string(greeting, "hello", "A flag of the consumer's own.");

// This program's own way of toggling: after an error it goes on.
extern "C" const char* __dbgalloc_default_options() {
  return "halt_on_error=0:exitcode=0";
}

namespace {

class Recorder final : public google::LogSink {
 public:
  Recorder() { google::AddLogSink(this); }
  ~Recorder() override { google::RemoveLogSink(this); }

  void send(google::LogSeverity, const char*, const char*, int,
            const google::LogMessageTime&, const char* message,
            size_t size) override {
    std::lock_guard<std::mutex> lock(mutex_);
    text_.append(message, size).append("\n");
  }

  std::string text() {
    std::lock_guard<std::mutex> lock(mutex_);
    return text_;
  }

 private:
  std::mutex mutex_;
  std::string text_;
};

[[gnu::noinline]] void Release(void* block) { std::free(block); }

TEST(LogSink, ReceivesTheWholeReport) {
  Recorder recorder;
  void* block = std::malloc(24);
  Release(block);
  Release(block);
  std::string text = recorder.text();
  EXPECT_NE(text.find("dbgalloc: double-free: "), std::string::npos) << text;
  EXPECT_NE(text.find("second free, by thread"), std::string::npos);
  EXPECT_NE(text.find("first free, by thread"), std::string::npos);
  EXPECT_NE(text.find("allocated, by thread"), std::string::npos);
  EXPECT_NE(text.find("SUMMARY: dbgalloc: double-free"), std::string::npos);
}

TEST(LogSink, ReceivesTheProgramsOwnMessages) {
  Recorder recorder;
  LOG(INFO) << FLAGS_greeting;
  EXPECT_NE(recorder.text().find("hello"), std::string::npos);
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  gflags::ParseCommandLineFlags(&argc, &argv, true);
  google::InitGoogleLogging(argv[0]);
  FLAGS_logtostderr = true;
  return RUN_ALL_TESTS();
}
