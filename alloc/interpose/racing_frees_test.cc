// Threads that free one pointer at once: one of them frees it, each of the
// others is one double free, whatever the timing.
#include <sched.h>
#include <stdlib.h>

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "dbgalloc/c_api.h"
#include "gtest/gtest.h"

namespace {

dbgalloc_stats StatsNow() {
  dbgalloc_stats stats = {};
  dbgalloc_get_stats(&stats, sizeof(stats));
  return stats;
}

// How much later than the others each begins is another in each round, from
// none to some microseconds: all that lies between the two is met.
void Wait(unsigned turns) {
  for (unsigned i = 0; i < turns; ++i) asm volatile("");
}

// Frees one block after the other together with the other threads.
class Race {
 public:
  Race(int threads, size_t size) : threads_(threads), size_(size) {}

  void Run(unsigned rounds) {
    std::vector<std::thread> racers;
    for (int i = 0; i < threads_; ++i) {
      racers.emplace_back([this, i, rounds] { FreeAll(i, rounds); });
    }
    for (unsigned round = 0; round < rounds; ++round) RunOne(round);
    round_ = rounds + 1;  // a thread that ends frees what it had
    for (std::thread& racer : racers) racer.join();
  }

 private:
  void RunOne(unsigned round) {
    const dbgalloc_stats before = StatsNow();
    block_ = malloc(size_);
    done_ = 0;
    round_ = round + 1;
    while (done_ != threads_) sched_yield();
    const dbgalloc_stats after = StatsNow();
    EXPECT_EQ(after.errors - before.errors, static_cast<uint64_t>(threads_ - 1))
        << "round " << round;
    EXPECT_EQ(after.frees - before.frees, 1u) << "round " << round;
  }

  void FreeAll(int racer, unsigned rounds) {
    for (unsigned round = 1; round <= rounds; ++round) {
      while (round_ < round) sched_yield();
      Wait(round * static_cast<unsigned>(racer + 1) % 97);
      free(block_);
      ++done_;
    }
    while (round_ <= rounds) sched_yield();
  }

  const int threads_;
  const size_t size_;
  void* block_ = nullptr;
  std::atomic<int> done_{0};
  std::atomic<unsigned> round_{0};
};

class RacingFreesTest : public testing::TestWithParam<size_t> {};

TEST_P(RacingFreesTest, OfTwoOneIsADoubleFree) {
  Race(2, GetParam()).Run(300);
  EXPECT_EQ(dbgalloc_check_heap_now(), 0u);
}

TEST_P(RacingFreesTest, OfThreeTwoAre) {
  Race(3, GetParam()).Run(100);
  EXPECT_EQ(dbgalloc_check_heap_now(), 0u);
}

// Small, of several pages, large, and one whose pages go at once.
INSTANTIATE_TEST_SUITE_P(Sizes, RacingFreesTest,
                         testing::Values(24, 9000, 100'000, 1'000'000));

}  // namespace
