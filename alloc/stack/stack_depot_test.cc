#include "alloc/stack/stack_depot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace dbgalloc::stack {
namespace {

using Trace = std::vector<uintptr_t>;

class StackDepotTest : public testing::Test {
 protected:
  ~StackDepotTest() override { depot_->Release(); }

  uint32_t Intern(const Trace& trace) {
    return depot_->Intern(trace.data(), trace.size());
  }
  Trace Get(uint32_t id) {
    const uintptr_t* frames;
    const size_t count = depot_->Get(id, &frames);
    return Trace(frames, frames + count);
  }
  // A trace that differs from all others by its number.
  static Trace Numbered(uint64_t number, size_t size = 16) {
    Trace trace(size, 0x401000);
    trace[0] += number;
    return trace;
  }

  std::unique_ptr<StackDepot> depot_ = std::make_unique<StackDepot>();
};

TEST_F(StackDepotTest, GivesBackWhatWasStored) {
  for (size_t size : {1, 2, 3, 16, 17, 255, 256, 1000}) {
    const Trace trace = Numbered(size, size);
    const uint32_t id = Intern(trace);
    ASSERT_NE(id, StackDepot::kNone);
    EXPECT_EQ(Get(id), trace);
  }
}

TEST_F(StackDepotTest, StoresEqualTracesOnce) {
  const uint32_t id = Intern({1, 2, 3});
  EXPECT_EQ(Intern({1, 2, 3}), id);
  EXPECT_NE(Intern({1, 2}), id);
  EXPECT_NE(Intern({1, 2, 4}), id);
  EXPECT_NE(Intern({3, 2, 1}), id);
  EXPECT_NE(Intern({1, 2, 3, 0}), id);
  EXPECT_EQ(depot_->statistics().traces, 5u);
  EXPECT_EQ(depot_->statistics().hits, 1u);
}

TEST_F(StackDepotTest, NoTraceIsNoId) {
  EXPECT_EQ(depot_->Intern(nullptr, 0), StackDepot::kNone);
  EXPECT_EQ(Get(StackDepot::kNone), Trace());
  EXPECT_FALSE(depot_->statistics().full);
}

TEST_F(StackDepotTest, IdsThatWereNeverGivenOutHaveNoFrames) {
  const uint32_t id = Intern(Numbered(1));
  for (uint32_t other : {id + 1, id + 2, id + 5, 0x7fffffffu, 0xffffffffu}) {
    EXPECT_EQ(Get(other), Trace()) << other;
  }
}

TEST_F(StackDepotTest, KeepsManyTracesApart) {
  constexpr uint64_t kTraces = 100000;
  std::vector<uint32_t> ids;
  for (uint64_t i = 0; i < kTraces; ++i) ids.push_back(Intern(Numbered(i)));
  for (uint64_t i = 0; i < kTraces; ++i) {
    ASSERT_EQ(Get(ids[i]), Numbered(i));
    ASSERT_EQ(Intern(Numbered(i)), ids[i]);
  }
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::unique(ids.begin(), ids.end()), ids.end());
  EXPECT_EQ(depot_->statistics().traces, kTraces);
}

int times_full = 0;

TEST_F(StackDepotTest, CutsTracesWhenItIsFull) {
  times_full = 0;
  depot_->SetLimit(size_t{6} << 20);
  depot_->CallWhenFull([] { ++times_full; });
  uint64_t number = 0;
  while (Get(Intern(Numbered(number))).size() == 16) {
    ASSERT_FALSE(depot_->statistics().full);
    ++number;
  }
  EXPECT_GT(number, (size_t{6} << 20) / 2 / (18 * sizeof(uintptr_t)));
  EXPECT_EQ(Get(Intern(Numbered(number))),
            Numbered(number, StackDepot::kCutFrames));
  EXPECT_TRUE(depot_->statistics().full);
  // Those that were stored are whole.
  EXPECT_EQ(Get(Intern(Numbered(0))), Numbered(0));
  uint64_t cut = number;
  while (Intern(Numbered(cut)) != StackDepot::kNone) ++cut;
  EXPECT_GT(cut - number, number / 5) << "room is kept for traces that are cut";
  EXPECT_LE(depot_->statistics().bytes, size_t{7} << 20);
  EXPECT_EQ(times_full, 1);
}

TEST_F(StackDepotTest, ALimitOfNothingStoresNothing) {
  depot_->SetLimit(0);
  EXPECT_EQ(Intern(Numbered(1)), StackDepot::kNone);
  EXPECT_EQ(depot_->statistics().traces, 0u);
}

TEST_F(StackDepotTest, ReleaseStartsAfresh) {
  const uint32_t id = Intern(Numbered(1));
  depot_->Release();
  EXPECT_EQ(Get(id), Trace());
  EXPECT_EQ(depot_->statistics().traces, 0u);
  EXPECT_EQ(Get(Intern(Numbered(2))), Numbered(2));
}

TEST_F(StackDepotTest, AHashGivenAlongChangesNothing) {
  const Trace trace = Numbered(7);
  TraceHash hash;
  for (uintptr_t frame : trace) hash.Add(frame);
  const uint32_t id = depot_->Intern(trace.data(), trace.size(), hash);
  EXPECT_EQ(Intern(trace), id);
}

TEST_F(StackDepotTest, ThreadsAgreeOnEveryId) {
  constexpr int kThreads = 4;
  constexpr uint64_t kTraces = 20000;
  std::vector<std::vector<uint32_t>> ids(kThreads);
  std::atomic<int> ready{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (++ready; ready < kThreads;) std::this_thread::yield();
      for (uint64_t i = 0; i < kTraces; ++i) {
        ids[thread].push_back(Intern(Numbered(i)));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int thread = 1; thread < kThreads; ++thread) {
    ASSERT_EQ(ids[thread], ids[0]);
  }
  for (uint64_t i = 0; i < kTraces; ++i) {
    ASSERT_EQ(Get(ids[0][i]), Numbered(i));
  }
  EXPECT_EQ(depot_->statistics().traces, kTraces);
}

}  // namespace
}  // namespace dbgalloc::stack
