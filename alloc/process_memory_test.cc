#include "dbgalloc/process_memory.h"

#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "dbgalloc/pool_allocator.h"
#include "dbgalloc/system_allocator.h"
#include "gtest/gtest.h"

namespace dbgalloc {
namespace {

std::string ReportText(ReportDetail detail, size_t expected_blocks) {
  int pipe_ends[2];
  EXPECT_EQ(pipe(pipe_ends), 0);
  EXPECT_EQ(ReportProcessLeaks(detail, pipe_ends[1]), expected_blocks);
  close(pipe_ends[1]);
  std::string text;
  char buffer[512];
  for (ssize_t got; (got = read(pipe_ends[0], buffer, sizeof(buffer))) > 0;) {
    text.append(buffer, static_cast<size_t>(got));
  }
  close(pipe_ends[0]);
  return text;
}

TEST(ProcessMemory, CountsWhatIsLive) {
  ProcessMemoryUsage before = CurrentProcessMemoryUsage();
  void* block = AllocateMemory(100);
  void* aligned = AllocateMemory(50, 256);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(aligned) % 256, 0u);
  EXPECT_EQ(CurrentProcessMemoryUsage().blocks, before.blocks + 2);
  EXPECT_EQ(CurrentProcessMemoryUsage().bytes, before.bytes + 150);
  ReleaseMemory(block, 100);
  ReleaseMemory(aligned, 50, 256);
  ReleaseMemory(nullptr, 5);
  EXPECT_EQ(CurrentProcessMemoryUsage().blocks, before.blocks);
}

TEST(ProcessMemory, RefusalsThrowOrAreNull) {
  EXPECT_EQ(TryAllocateMemory(SIZE_MAX / 2), nullptr);
  EXPECT_EQ(TryAllocateMemory(10, 3), nullptr);
  EXPECT_THROW(AllocateMemory(SIZE_MAX / 2), std::bad_alloc);
  EXPECT_EQ(CurrentProcessMemoryUsage().blocks, 0u);
}

TEST(ProcessMemory, AnotherAllocatorServesOnceNothingIsLive) {
  SystemAllocator system;
  Allocator& pool = ProcessAllocator();
  void* block = AllocateMemory(10);
  EXPECT_FALSE(SetProcessAllocator(&system));
  EXPECT_EQ(&ProcessAllocator(), &pool);
  ReleaseMemory(block, 10);
  EXPECT_TRUE(SetProcessAllocator(&system));
  EXPECT_EQ(&ProcessAllocator(), &system);
  ReleaseMemory(AllocateMemory(10), 10);
  EXPECT_TRUE(SetProcessAllocator(nullptr));
  EXPECT_EQ(&ProcessAllocator(), &pool);
}

TEST(ProcessMemory, LeakDetectionNamesThePlaceWhileItIsOn) {
  EXPECT_FALSE(LeakDetectionIsEnabled());
  void* before = AllocateMemory(11);
  EnableLeakDetection();
  EXPECT_TRUE(LeakDetectionIsEnabled());
  void* block = AllocateMemory(24);
  const std::string line = std::to_string(__LINE__ - 1);
  DisableLeakDetection();
  void* after = AllocateMemory(13);
  std::string text = ReportText(ReportDetail::kBrief, 1);
  EXPECT_NE(text.find("process_memory_test.cc:" + line), std::string::npos)
      << text;
  ReleaseMemory(block, 24);
  EXPECT_EQ(ReportText(ReportDetail::kVerbose, 0), "");
  ReleaseMemory(before, 11);
  ReleaseMemory(after, 13);
}

TEST(ProcessMemory, ManyThreads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int turn = 0; turn < 2000; ++turn) {
        ReleaseMemory(AllocateMemory(40), 40);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(CurrentProcessMemoryUsage().blocks, 0u);
}

}  // namespace
}  // namespace dbgalloc
