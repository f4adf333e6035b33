#include "alloc/heap/operation_times.h"

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"

namespace dbgalloc::heap {
namespace {

uint64_t fake_now = 0;
uint64_t FakeClock() { return fake_now; }

class OperationTimesTest : public testing::Test {
 protected:
  OperationTimesTest() : room_(OperationTimes::kMaxRuns) {
    fake_now = 1000;
    times_.Start(&FakeClock, room_.data());
  }

  void ExpectAgo(uint64_t number, uint64_t least, uint64_t most) {
    const TimeAgo ago = times_.When(number);
    ASSERT_TRUE(ago.known) << number;
    EXPECT_EQ(ago.least, least) << number;
    EXPECT_EQ(ago.most, most) << number;
  }

  std::vector<OperationTimes::Run> room_;
  OperationTimes times_;
};

TEST_F(OperationTimesTest, AnOperationLiesWithinItsRun) {
  times_.Note(1, 0);
  fake_now = 1010;
  times_.Note(65, 1);
  fake_now = 1030;
  ExpectAgo(1, 20, 30);
  ExpectAgo(64, 20, 30);
  ExpectAgo(65, 0, 20);
}

TEST_F(OperationTimesTest, RunsOfSeveralLanesAreToldApart) {
  times_.Note(1, 0);    // lane A: 1..64
  times_.Note(257, 0);  // lane B: 257..320
  fake_now = 1100;
  times_.Note(65, 1);
  fake_now = 1300;
  times_.Note(321, 257);
  fake_now = 1300;
  ExpectAgo(1, 200, 300);
  ExpectAgo(65, 0, 200);
  ExpectAgo(257, 0, 300);
  ExpectAgo(321, 0, 0);
}

TEST_F(OperationTimesTest, WhatWasNeverNotedIsNotKnown) {
  EXPECT_FALSE(times_.When(1).known);
  times_.Note(100, 0);
  EXPECT_FALSE(times_.When(0).known);
  EXPECT_FALSE(times_.When(99).known);
  OperationTimes without_room;
  without_room.Start(&FakeClock, nullptr);
  without_room.Note(1, 0);
  EXPECT_FALSE(without_room.When(1).known);
}

// A run a millisecond for a day: whatever the age, the two bounds are close to
// each other, and they hold.
TEST_F(OperationTimesTest, OldRunsAreMergedButStayWithinAnEighth) {
  constexpr uint64_t kRuns = 1'000'000;
  uint64_t previous = 0;
  for (uint64_t run = 0; run < kRuns; ++run) {
    fake_now = 1000 + run;
    const uint64_t first = 1 + run * OperationTimes::kNumbersInRun;
    times_.Note(first, previous);
    ASSERT_LE(times_.run_count(), OperationTimes::kMaxRuns);
    previous = first;
  }
  for (uint64_t run = 0; run < kRuns; run += 997) {
    const TimeAgo ago = times_.When(1 + run * OperationTimes::kNumbersInRun);
    const uint64_t truth = fake_now - (1000 + run);
    ASSERT_LE(ago.least, truth);
    ASSERT_GE(ago.most, truth);
    ASSERT_LE(ago.most - ago.least, truth / 8 + 2) << truth;
  }
}

// More idle lanes than there is room for runs.
TEST_F(OperationTimesTest, ManyOpenRunsFindRoom) {
  for (uint64_t lane = 0; lane < 1000; ++lane) {
    fake_now = 1000 + lane;
    times_.Note(1 + lane * 256, 0);
    ASSERT_LE(times_.run_count(), OperationTimes::kMaxRuns);
  }
  for (uint64_t lane = 0; lane < 1000; lane += 7) {
    const TimeAgo ago = times_.When(1 + lane * 256);
    ASSERT_EQ(ago.least, 0u) << "it may be at it still";
    ASSERT_GE(ago.most, fake_now - (1000 + lane));
  }
}

}  // namespace
}  // namespace dbgalloc::heap
