// The shipped list, on made-up stacks.
#include <string_view>
#include <utility>
#include <vector>

#include "alloc/report/suppression_source.h"
#include "gtest/gtest.h"

namespace dbgalloc::report {
namespace {

// One stack, whose program counters are the numbers of its modules.
class Modules final : public FrameSource {
 public:
  explicit Modules(std::vector<std::string_view> modules)
      : modules_(std::move(modules)) {
    for (size_t i = 0; i < modules_.size(); ++i) counters_.push_back(i);
  }
  size_t Find(uint32_t, const uintptr_t** counters) override {
    *counters = counters_.data();
    return counters_.size();
  }
  uint32_t HashOf(uint32_t) override { return 0; }
  void Describe(uintptr_t counter, CounterKind,
                FrameVisitor& visitor) override {
    ++symbols_read;
    DescribeModule(counter, visitor);
  }
  void DescribeModule(uintptr_t counter, FrameVisitor& visitor) override {
    FrameDescription frame;
    frame.module = modules_[counter];
    visitor.OnFrame(frame);
  }

  int symbols_read = 0;

 private:
  const std::vector<std::string_view> modules_;
  std::vector<uintptr_t> counters_;
};

bool IsCovered(Modules& modules, ErrorKind kind = ErrorKind::kLeak) {
  const Options options;
  ProcessSuppressions suppressions;
  suppressions.Load(options);
  return suppressions.FindStack(kind, 1, options, modules) != nullptr;
}

TEST(KnownLeaks, CoverWhatAProgramOfTheSystemLoses) {
  Modules modules({"/lib/x86_64-linux-gnu/libc.so.6", "/usr/bin/perl"});
  EXPECT_TRUE(IsCovered(modules));
  EXPECT_EQ(modules.symbols_read, 0) << "its symbols are not needed";
}

TEST(KnownLeaks, CoverLeaksAlone) {
  Modules modules({"/usr/bin/perl"});
  EXPECT_FALSE(IsCovered(modules, ErrorKind::kDoubleFree));
}

TEST(KnownLeaks, TellWhatALibraryOfTheUserLosesInAnInterpreter) {
  Modules modules({"/home/user/libparser.so", "/usr/bin/python3.11"});
  EXPECT_FALSE(IsCovered(modules));
}

TEST(KnownLeaks, TellWhatAProgramOfTheUserLoses) {
  Modules modules({"/usr/lib/x86_64-linux-gnu/libstdc++.so.6",
                   "/home/user/usr/bin/worker"});
  EXPECT_FALSE(IsCovered(modules));
}

}  // namespace
}  // namespace dbgalloc::report
