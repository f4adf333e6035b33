#include "alloc/stack/stack_recorder.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <set>
#include <thread>
#include <vector>

#include "alloc/stack/capture_entry.h"
#include "alloc/stack/known_stack.h"
#include "alloc/stack/stack_depot.h"

namespace dbgalloc::stack {
namespace {

constexpr UnwindMethod kMethods[] = {
    UnwindMethod::kFramePointer, UnwindMethod::kTables, UnwindMethod::kAuto};

std::vector<uintptr_t> FramesOf(uint32_t id) {
  const uintptr_t* frames;
  const size_t count = GlobalStackDepot().Get(id, &frames);
  return {frames, frames + count};
}

// One path through the functions below for each bit of `path`; the frames of
// all paths have the same size, so that they end at the same place.
uint32_t Descend(int depth, uint32_t path, UnwindMethod method);

[[gnu::noinline]] uint32_t Left(int depth, uint32_t path, UnwindMethod method) {
  DBGALLOC_NOTE_CALLER();
  return Descend(depth - 1, path >> 1, method);
}

[[gnu::noinline]] uint32_t Right(int depth, uint32_t path,
                                 UnwindMethod method) {
  DBGALLOC_NOTE_CALLER();
  return Descend(depth - 1, path >> 1, method);
}

[[gnu::noinline]] uint32_t Descend(int depth, uint32_t path,
                                   UnwindMethod method) {
  DBGALLOC_NOTE_CALLER();
  if (depth == 0) {
    const uint32_t id = RecordHere(kMaxRecordedFrames, method);
    const std::vector<uintptr_t> frames = FramesOf(id);
    ExpectKnownStack(frames.data(), frames.size());
    return id;
  }
  return path % 2 == 0 ? Left(depth, path, method) : Right(depth, path, method);
}

TEST(RecordStack, TheSameStackHasTheSameId) {
  for (UnwindMethod method : kMethods) {
    std::set<uint32_t> ids;
    for (int i = 0; i < 10; ++i) ids.insert(Descend(6, 0, method));
    EXPECT_EQ(ids.size(), 1u);
    EXPECT_EQ(ids.count(StackDepot::kNone), 0u);
  }
}

// Many more paths than the cache has room for at one place; each recorded
// trace is compared with what the functions noted.
TEST(RecordStack, ADifferentPathHasADifferentId) {
  for (UnwindMethod method : kMethods) {
    std::set<uint32_t> ids;
    for (int round = 0; round < 3; ++round) {
      // Each three times in a row, so that some are found without a walk.
      for (uint32_t i = 0; i < 3 * 64; ++i) {
        ids.insert(Descend(6, i / 3, method));
      }
    }
    EXPECT_EQ(ids.size(), 64u);
  }
}

TEST(RecordStack, ADifferentLengthHasADifferentId) {
  std::set<uint32_t> ids;
  for (size_t length : {1, 2, 3, 4, 1, 2, 3, 4}) {
    const uint32_t id = RecordHere(length, UnwindMethod::kAuto);
    EXPECT_EQ(FramesOf(id).size(), length);
    ids.insert(id);
  }
  EXPECT_GE(ids.size(), 4u);
}

TEST(RecordStack, NoFramesIsNoStack) {
  EXPECT_EQ(RecordHere(0, UnwindMethod::kAuto), StackDepot::kNone);
}

TEST(RecordStack, IsTheStackThatIsCaptured) {
  uintptr_t frames[kMaxRecordedFrames];
  for (int round = 0; round < 3; ++round) {
    const size_t count = CaptureHere(frames, 256, UnwindMethod::kAuto);
    const std::vector<uintptr_t> recorded =
        FramesOf(RecordHere(256, UnwindMethod::kAuto));
    ASSERT_EQ(recorded.size(), count);
    // The first is where each of the two was called from.
    for (size_t i = 1; i < count; ++i) EXPECT_EQ(recorded[i], frames[i]);
  }
}

TEST(RecordStack, AnInvalidatedCacheChangesNoId) {
  std::set<uint32_t> ids;
  for (int round = 0; round < 3; ++round) {
    ids.insert(Descend(5, 3, UnwindMethod::kAuto));
    InvalidateUnwindCache();
  }
  EXPECT_EQ(ids.size(), 1u);
}

TEST(RecordStack, CountsWhatItRecognized) {
  const uint64_t before = RecordedStackStatistics().hits;
  for (int i = 0; i < 100; ++i) Descend(4, 1, UnwindMethod::kAuto);
  EXPECT_GE(RecordedStackStatistics().hits, before + 90);
}

TEST(RecordStack, ThreadsRecordTheirOwnStacks) {
  std::vector<std::thread> threads;
  for (uint32_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([thread] {
      for (uint32_t i = 0; i < 5000; ++i) {
        Descend(6, (i + thread) % 32, UnwindMethod::kAuto);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// A handler that records in the middle of another recording.
TEST(RecordStack, MayBeInterruptedByItself) {
  static volatile int recorded = 0;
  struct sigaction action = {};
  action.sa_handler = [](int) {
    if (RecordHere(64, UnwindMethod::kAuto) != StackDepot::kNone) {
      recorded = recorded + 1;
    }
  };
  ASSERT_EQ(sigaction(SIGPROF, &action, nullptr), 0);
  timer_t timer;
  sigevent event = {};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGPROF;
  ASSERT_EQ(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
  const itimerspec often = {{0, 50000}, {0, 50000}};
  ASSERT_EQ(timer_settime(timer, 0, &often, nullptr), 0);
  for (uint32_t i = 0; recorded < 500 && i < 3000000; ++i) {
    Descend(6, i % 64, UnwindMethod::kAuto);
  }
  timer_delete(timer);
  signal(SIGPROF, SIG_IGN);
  EXPECT_GT(recorded, 0);
}

}  // namespace
}  // namespace dbgalloc::stack
