// Regions that leak and regions that do not; what nesting makes of them.
#include "dbgalloc/scoped_leak_check.h"

#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "dbgalloc/c_api.h"
#include "dbgalloc/leak_check_disabler.h"
#include "gtest/gtest.h"

namespace dbgalloc {
namespace {

// Reports of the program, the newest last.
std::vector<std::string>* reports;
void KeepReport(const char* text) { reports->emplace_back(text); }

class ScopedLeakCheckTest : public testing::Test {
 protected:
  void SetUp() override {
    reports = &reports_;
    dbgalloc_set_error_callback(&KeepReport);
  }
  void TearDown() override { dbgalloc_set_error_callback(nullptr); }
  std::vector<std::string> reports_;
};

[[gnu::noinline]] void* Opaque(void* block) {
  asm volatile("" : "+r"(block) : : "memory");
  return block;
}

[[gnu::noinline]] void LoseMemory(size_t size) {
  static_cast<void>(Opaque(malloc(size)));
  asm volatile("");  // no tail call: the function is to be on the stack
}

// Leaves no pointer behind in the frames that the next calls use.
[[gnu::noinline]] void ClearStack() {
  volatile char room[4096];
  for (volatile char& byte : room) byte = 0;
}

void LoseWithoutTrace(size_t size) {
  LoseMemory(size);
  ClearStack();
}

TEST_F(ScopedLeakCheckTest, SomebodyLooks) {
  EXPECT_TRUE(ScopedLeakCheck::IsActive());
}

TEST_F(ScopedLeakCheckTest, HasNothingToSayOfFreedAndReachableBlocks) {
  ScopedLeakCheck check("quiet");
  free(Opaque(malloc(10)));
  static void* kept;
  kept = malloc(20);
  EXPECT_TRUE(check.NoLeaks());
  EXPECT_EQ(check.BytesLeaked(), 0u);
  EXPECT_EQ(check.ObjectsLeaked(), 0u);
  EXPECT_TRUE(reports_.empty());
  free(kept);
}

TEST_F(ScopedLeakCheckTest, ReportsWhatWasLostUnderItsName) {
  ScopedLeakCheck check("parser");
  LoseWithoutTrace(123);
  EXPECT_FALSE(check.NoLeaks());
  EXPECT_EQ(check.BytesLeaked(), 123u);
  EXPECT_EQ(check.ObjectsLeaked(), 1u);
  ASSERT_EQ(reports_.size(), 1u);
  EXPECT_NE(reports_[0].find("allocated in the region \"parser\""),
            std::string::npos)
      << reports_[0];
  EXPECT_NE(reports_[0].find("LoseMemory"), std::string::npos) << reports_[0];
}

TEST_F(ScopedLeakCheckTest, GivesTheSameVerdictEachTime) {
  ScopedLeakCheck check("again");
  LoseWithoutTrace(124);
  EXPECT_FALSE(check.NoLeaks());
  EXPECT_FALSE(check.NoLeaks());
  EXPECT_EQ(check.ObjectsLeaked(), 1u);
}

TEST_F(ScopedLeakCheckTest, LooksOnlyAtWhatCameAfterItBegan) {
  LoseWithoutTrace(125);
  ScopedLeakCheck check("later");
  EXPECT_TRUE(check.NoLeaks());
}

TEST_F(ScopedLeakCheckTest, AnOuterRegionAnswersForAnInnerOne) {
  ScopedLeakCheck outer("outer");
  LoseWithoutTrace(200);
  {
    ScopedLeakCheck inner("inner");
    LoseWithoutTrace(30);
    EXPECT_FALSE(inner.NoLeaks());
    EXPECT_EQ(inner.BytesLeaked(), 30u);
  }
  EXPECT_FALSE(outer.NoLeaks());
  EXPECT_EQ(outer.BytesLeaked(), 230u);
  EXPECT_EQ(outer.ObjectsLeaked(), 2u);
}

TEST_F(ScopedLeakCheckTest, BriefVerdictsWriteNothingAndLaterChecksStillTell) {
  ScopedLeakCheck check("brief");
  LoseWithoutTrace(126);
  EXPECT_FALSE(check.BriefNoLeaks());
  EXPECT_EQ(check.BytesLeaked(), 126u);
  EXPECT_TRUE(reports_.empty());
  EXPECT_GE(dbgalloc_check_leaks_now(), 1u);
  EXPECT_EQ(reports_.size(), 1u);
}

TEST_F(ScopedLeakCheckTest, WhatItReportedIsNotToldAgainByOtherChecks) {
  ScopedLeakCheck check("once");
  LoseWithoutTrace(127);
  dbgalloc_check_leaks_now();  // of other tests
  reports_.clear();
  EXPECT_FALSE(check.NoLeaks());
  reports_.clear();
  EXPECT_EQ(dbgalloc_check_leaks_now(), 0u);
  EXPECT_TRUE(reports_.empty());
}

TEST_F(ScopedLeakCheckTest, ReachableBlocksCountWhereAskedFor) {
  ScopedLeakCheck check("cache", RegionLeaks::kNotFreed);
  auto kept = std::make_unique<int>(7);
  EXPECT_FALSE(check.NoLeaks());
  EXPECT_EQ(check.BytesLeaked(), sizeof(int));
  ASSERT_EQ(reports_.size(), 1u);
  EXPECT_NE(reports_[0].find("was never freed"), std::string::npos);
  reports_.clear();
  reports_.shrink_to_fit();
  kept.reset();
  EXPECT_TRUE(check.NoLeaks());
}

TEST_F(ScopedLeakCheckTest, AsksForAVerdictItselfAtTheEnd) {
  {
    ScopedLeakCheck check("forgotten");
    LoseWithoutTrace(128);
  }
  EXPECT_EQ(reports_.size(), 1u);
}

TEST_F(ScopedLeakCheckTest, CountsBlocksOfOtherThreads) {
  ScopedLeakCheck check("threads");
  std::thread([] { LoseWithoutTrace(321); }).join();
  EXPECT_FALSE(check.BriefNoLeaks());
  EXPECT_EQ(check.BytesLeaked(), 321u);
}

TEST_F(ScopedLeakCheckTest, LeavesOutWhatIsAllocatedWithChecksDisabled) {
  ScopedLeakCheck lost("lost");
  ScopedLeakCheck not_freed("not freed", RegionLeaks::kNotFreed);
  {
    LeakCheckDisabler disabler;
    LoseWithoutTrace(129);
  }
  EXPECT_TRUE(lost.NoLeaks());
  EXPECT_TRUE(not_freed.NoLeaks());
}

}  // namespace
}  // namespace dbgalloc
