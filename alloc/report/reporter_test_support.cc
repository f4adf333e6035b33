#include "alloc/report/reporter_test_support.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "alloc/report/child_process.h"
#include "alloc/report/reporter.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace dbgalloc::report {

ErrorRecord DoubleFreeAt(uintptr_t address) {
  ErrorRecord record;
  record.kind = ErrorKind::kDoubleFree;
  record.claimed_origin = Origin::kMalloc;
  record.address = address;
  record.now.known = true;
  return record;
}

Options Defaults() {
  unsetenv("TEST_UNDECLARED_OUTPUTS_DIR");
  unsetenv("DBGALLOC_OPTIONS");
  return Options();
}

Options GoOn() {
  Options options = Defaults();
  options.halt_on_error = false;
  return options;
}

void Report(const ErrorRecord& record, const Options& options) {
  GlobalReporter().ReportError(record, options);
}

void ReportLeak(const Options& options) {
  LeakGroup group;
  group.blocks = 1;
  group.bytes = 10;
  LeakReport report;
  report.groups = &group;
  report.group_count = 1;
  report.blocks = 1;
  report.bytes = 10;
  GlobalReporter().ReportLeaks(report, options);
}

std::string ReadAll(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string TemporaryPath(const std::string& name) {
  return testing::TempDir() + name;
}

void ExpectWholeReports(std::string text, int count) {
  for (int i = 0; i < count; ++i) {
    ASSERT_THAT(text, testing::StartsWith("=="));
    const size_t end = text.find(kLastWords);
    ASSERT_NE(end, std::string::npos) << text;
    const std::string report = text.substr(0, end);
    EXPECT_EQ(CountOf(report, "ERROR: dbgalloc: "), 1) << report;
    EXPECT_EQ(CountOf(report, "SUMMARY: dbgalloc: "), 1) << report;
    text.erase(0, end + std::string(kLastWords).size());
  }
  EXPECT_EQ(text, "");
}

}  // namespace dbgalloc::report
