// What the process's heap tells of itself: through the C interface, and as
// programs ask glibc's malloc.
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "dbgalloc/c_api.h"
#include "gtest/gtest.h"

namespace {

bool DebugHeapServes() {
  return dbgalloc_is_active != nullptr && dbgalloc_is_active() == 1;
}

void* Opaque(void* pointer) {
  asm volatile("" : "+r"(pointer)::"memory");
  return pointer;
}

class StatisticsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!DebugHeapServes()) GTEST_SKIP() << "the C library serves malloc";
  }
  static dbgalloc_stats Now() {
    dbgalloc_stats stats;
    EXPECT_EQ(dbgalloc_get_stats(&stats, sizeof(stats)), 0);
    return stats;
  }
};

TEST_F(StatisticsTest, LiveAndPeak) {
  constexpr size_t kSize = size_t{3} << 20;
  dbgalloc_stats before = Now();
  void* block = Opaque(malloc(kSize));
  dbgalloc_stats during = Now();
  free(block);
  dbgalloc_stats after = Now();
  EXPECT_EQ(during.live_bytes - before.live_bytes, kSize);
  EXPECT_EQ(during.live_blocks - before.live_blocks, 1u);
  EXPECT_EQ(after.live_bytes, before.live_bytes);
  EXPECT_GE(after.peak_bytes, during.live_bytes);
  EXPECT_GE(after.peak_blocks, during.live_blocks);
}

// Within one part in 256, and 64 KiB a thread that ever was.
TEST_F(StatisticsTest, ThePeakIsSeenThoughNobodyAskedThen) {
  dbgalloc_stats before = Now();
  uint64_t reached = before.peak_bytes + (uint64_t{1} << 20);
  std::vector<void*> blocks;
  for (uint64_t bytes = before.live_bytes; bytes < reached; bytes += 1000) {
    blocks.push_back(Opaque(malloc(1000)));
  }
  for (void* block : blocks) free(block);
  EXPECT_GE(Now().peak_bytes, reached - reached / 256 - (64 << 10));
  EXPECT_LE(Now().peak_bytes, reached + (uint64_t{1} << 20));
}

TEST_F(StatisticsTest, WhatIsTouchedIsResidentUntilItIsGone) {
  constexpr size_t kSize = size_t{32} << 20;
  dbgalloc_stats before = Now();
  void* block = Opaque(malloc(kSize));
  memset(block, 1, kSize);
  dbgalloc_stats during = Now();
  EXPECT_GE(during.resident_bytes, before.resident_bytes + kSize);
  EXPECT_GE(during.process_resident_bytes, during.resident_bytes);
  free(block);
  EXPECT_LE(Now().resident_bytes, before.resident_bytes + (kSize >> 4));
}

TEST_F(StatisticsTest, OfTheProcess) {
  dbgalloc_stats now = Now();
  EXPECT_GT(now.stack_traces, 0u);
  EXPECT_GT(now.stack_bytes, 0u);
  EXPECT_GT(now.stack_hits, 0u);
  EXPECT_GT(now.mappings, 0u);
  EXPECT_LT(now.mappings, now.mapping_limit);
}

TEST_F(StatisticsTest, AnOlderProgramAsksForLess) {
  dbgalloc_stats stats;
  memset(&stats, 0x77, sizeof(stats));
  EXPECT_EQ(dbgalloc_get_stats(&stats, offsetof(dbgalloc_stats, frees)), 0);
  EXPECT_NE(stats.allocations, 0x7777777777777777u);
  EXPECT_EQ(stats.frees, 0x7777777777777777u);
}

dbgalloc_class_stats ClassOf(size_t capacity) {
  dbgalloc_class_stats classes[200];
  size_t count =
      dbgalloc_get_class_stats(classes, sizeof(dbgalloc_class_stats), 200);
  for (size_t i = 0; i < count && i < 200; ++i) {
    if (classes[i].capacity == capacity) return classes[i];
  }
  return {};
}

TEST_F(StatisticsTest, EachSizeClass) {
  dbgalloc_class_stats before = ClassOf(208);
  void* kept = Opaque(malloc(200));
  free(Opaque(malloc(201)));
  dbgalloc_class_stats after = ClassOf(208);
  EXPECT_EQ(after.live_blocks, before.live_blocks + 1);
  EXPECT_EQ(after.live_bytes, before.live_bytes + 200);
  EXPECT_EQ(after.freed_blocks, before.freed_blocks + 1);
  EXPECT_EQ(after.freed_bytes, before.freed_bytes + 201);
  EXPECT_GE(after.spans, 1u);
  free(kept);
}

TEST_F(StatisticsTest, ClassesAreInOrderAndLargeBlocksLast) {
  void* large = Opaque(malloc(size_t{1} << 20));
  dbgalloc_class_stats classes[200];
  size_t count = dbgalloc_get_class_stats(classes, sizeof(classes[0]), 200);
  ASSERT_GE(count, 2u);
  EXPECT_EQ(dbgalloc_get_class_stats(nullptr, 0, 0), count);
  for (size_t i = 1; i + 1 < count; ++i) {
    EXPECT_LT(classes[i - 1].capacity, classes[i].capacity);
  }
  EXPECT_EQ(classes[count - 1].capacity, 0u);
  EXPECT_GE(classes[count - 1].live_bytes, uint64_t{1} << 20);
  free(large);
}

TEST_F(StatisticsTest, AreTakenWhileOthersAllocate) {
  std::atomic<bool> done{false};
  std::thread busy([&done] {
    while (!done.load()) free(Opaque(malloc(100)));
  });
  for (int i = 0; i < 200; ++i) {
    dbgalloc_stats now = Now();
    EXPECT_LT(now.peak_bytes, uint64_t{1} << 40) << "a difference wrapped";
    EXPECT_LT(now.live_bytes, uint64_t{1} << 40);
    dbgalloc_get_class_stats(nullptr, 0, 0);
  }
  done = true;
  busy.join();
}

// --- As of glibc's malloc: with the C library's own, too ---

TEST(Mallinfo, CountsWhatIsOut) {
  struct mallinfo2 before = mallinfo2();
  void* small = Opaque(malloc(1000));
  void* large = Opaque(malloc(size_t{8} << 20));
  struct mallinfo2 after = mallinfo2();
  EXPECT_GE(after.uordblks, before.uordblks + 1000);
  EXPECT_GE(after.hblkhd, before.hblkhd + (size_t{8} << 20));
  EXPECT_EQ(after.hblks, before.hblks + 1);
  EXPECT_GE(after.arena, after.uordblks);
  free(small);
  free(large);
}

TEST(Mallinfo, InOldPrograms) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  struct mallinfo figures = mallinfo();
#pragma GCC diagnostic pop
  struct mallinfo2 wide = mallinfo2();
  EXPECT_EQ(static_cast<size_t>(figures.uordblks), wide.uordblks);
}

TEST(MallocInfo, IsTheDocumentThatToolsRead) {
  char* text = nullptr;
  size_t size = 0;
  FILE* stream = open_memstream(&text, &size);
  ASSERT_NE(stream, nullptr);
  EXPECT_EQ(malloc_info(0, stream), 0);
  fclose(stream);
  std::string document(text, size);
  free(text);
  EXPECT_EQ(document.find("<malloc version=\"1\">\n<heap nr=\"0\">"), 0u);
  EXPECT_NE(document.find("<total type=\"mmap\""), std::string::npos);
  EXPECT_NE(document.find("<system type=\"current\""), std::string::npos);
  EXPECT_EQ(document.rfind("</malloc>\n"), document.size() - 10);
  EXPECT_NE(malloc_info(1, stdout), 0);
}

TEST(MallocStats, GoesToStandardError) {
  testing::internal::CaptureStderr();
  malloc_stats();
  fflush(stderr);
  EXPECT_FALSE(testing::internal::GetCapturedStderr().empty());
}

TEST(Mallopt, IsAccepted) {
  EXPECT_EQ(mallopt(M_MMAP_THRESHOLD, 1 << 20), 1);
  malloc_trim(0);
}

}  // namespace
