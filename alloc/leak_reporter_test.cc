#include "dbgalloc/leak_reporter.h"

#include <stdio.h>
#include <unistd.h>

#include <regex>
#include <string>

#include "dbgalloc/failing_allocator.h"
#include "dbgalloc/system_allocator.h"
#include "gtest/gtest.h"

namespace dbgalloc {
namespace {

class LeakReporterTest : public ::testing::Test {
 protected:
  LeakReporterTest() { tracker_.Enable(); }
  ~LeakReporterTest() override { fclose(file_); }

  int descriptor() const { return fileno(file_); }

  // What was written, without this process's number and with addresses as @.
  std::string Written() {
    std::string text(lseek(descriptor(), 0, SEEK_END), '\0');
    EXPECT_EQ(pread(descriptor(), text.data(), text.size(), 0),
              static_cast<ssize_t>(text.size()));
    text = std::regex_replace(text, std::regex("^==[0-9]+=="), "==PID==");
    return std::regex_replace(text, std::regex("0x[0-9a-f]+"), "@");
  }

  FILE* file_ = tmpfile();
  SystemAllocator system_;
  BasicMemoryTracker<true> tracker_{system_};
};

constexpr CallSite kSmall("src/a.cc", "MakeSmall", 3);
constexpr CallSite kLarge("src/b.cc", "MakeLarge", 20);

TEST_F(LeakReporterTest, NamesEachPlaceOnceLargestFirst) {
  void* first = tracker_.Allocate(16, 8, kSmall);
  void* large = tracker_.Allocate(100, 8, kLarge);
  void* second = tracker_.Allocate(16, 8, kSmall);
  LeakReporter reporter(tracker_, ReportWhen::kOnRequest, ReportDetail::kBrief,
                        descriptor());
  EXPECT_EQ(reporter.Report(), 3u);
  EXPECT_EQ(Written(),
            "==PID==ERROR: dbgalloc: leak: 132 bytes in 3 blocks are still "
            "held\n"
            "leaked 100 bytes in 1 block, allocated at src/b.cc:20 in "
            "MakeLarge\n"
            "leaked 32 bytes in 2 blocks, allocated at src/a.cc:3 in "
            "MakeSmall\n"
            "SUMMARY: dbgalloc: leak src/b.cc:20 in MakeLarge\n");
  tracker_.Deallocate(first, 16, 8);
  tracker_.Deallocate(large, 100, 8);
  tracker_.Deallocate(second, 16, 8);
}

TEST_F(LeakReporterTest, VerboseListsTheBlocksInOrderOfAllocation) {
  void* first = tracker_.Allocate(1, 1, kSmall);
  void* second = tracker_.Allocate(2, 1, kSmall);
  LeakReporter(tracker_, ReportWhen::kOnRequest, ReportDetail::kVerbose,
               descriptor())
      .Report();
  EXPECT_EQ(Written(),
            "==PID==ERROR: dbgalloc: leak: 3 bytes in 2 blocks are still held\n"
            "    block 0: 1 byte at @, allocated at src/a.cc:3 in MakeSmall\n"
            "    block 1: 2 bytes at @, allocated at src/a.cc:3 in MakeSmall\n"
            "leaked 3 bytes in 2 blocks, allocated at src/a.cc:3 in MakeSmall\n"
            "SUMMARY: dbgalloc: leak src/a.cc:3 in MakeSmall\n");
  tracker_.Deallocate(first, 1, 1);
  tracker_.Deallocate(second, 2, 1);
}

TEST_F(LeakReporterTest, AtExitReportsWhenDestroyedAndOnRequestDoesNot) {
  void* block = tracker_.Allocate(1, 1, kSmall);
  {
    LeakReporter on_request(tracker_, ReportWhen::kOnRequest,
                            ReportDetail::kBrief, descriptor());
  }
  EXPECT_EQ(Written(), "");
  {
    LeakReporter at_exit(tracker_, ReportWhen::kAtExit, ReportDetail::kBrief,
                         descriptor());
  }
  EXPECT_NE(Written().find("1 byte in 1 block is still held"),
            std::string::npos);
  tracker_.Deallocate(block, 1, 1);
}

TEST_F(LeakReporterTest, IsSilentWhenNothingIsHeld) {
  tracker_.Deallocate(tracker_.Allocate(1, 1), 1, 1);
  LeakReporter reporter(tracker_, ReportWhen::kAtExit, ReportDetail::kVerbose,
                        descriptor());
  EXPECT_EQ(reporter.Report(), 0u);
  EXPECT_EQ(Written(), "");
}

TEST_F(LeakReporterTest, WithoutMemoryItListsTheFirstBlocksAndSaysSo) {
  FailingAllocator tables(system_);
  tables.SetErrorSink(nullptr);
  BasicMemoryTracker<true> tracker(system_, tables);
  tracker.Enable();
  constexpr size_t kBlocks = 200;
  for (size_t i = 0; i < kBlocks; ++i) tracker.Allocate(1, 1, kSmall);
  tables.SetFailIndex(0);
  LeakReporter reporter(tracker, ReportWhen::kOnRequest, ReportDetail::kBrief,
                        descriptor());
  EXPECT_EQ(reporter.Report(), kBlocks);
  EXPECT_EQ(Written(),
            "==PID==ERROR: dbgalloc: leak: 200 bytes in 200 blocks are still "
            "held\n"
            "there is no memory to list all of them; here are 64 blocks\n"
            "leaked 64 bytes in 64 blocks, allocated at src/a.cc:3 in "
            "MakeSmall\n"
            "SUMMARY: dbgalloc: leak src/a.cc:3 in MakeSmall\n");
}

TEST_F(LeakReporterTest, ATrackerThatIsLeftOutHoldsNothing) {
  BasicMemoryTracker<false> tracker(system_);
  EXPECT_EQ(LeakReporter(tracker).Report(), 0u);
}

}  // namespace
}  // namespace dbgalloc
