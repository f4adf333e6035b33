#include "alloc/base/interleavings.h"

#include <memory>
#include <set>

#include "gtest/gtest.h"

namespace dbgalloc::base {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

struct TwoWords {
  Modelled<int> data, flag;
  int seen_flag = -1, seen_data = -1;
};

// What both loads can return, over all runs.
std::set<std::pair<int, int>> Outcomes(std::memory_order store_order,
                                       std::memory_order load_order) {
  std::set<std::pair<int, int>> outcomes;
  const auto message_passing = [&] {
    auto words = std::make_shared<TwoWords>();
    return Scenario{{[=] {
                       words->data.store(1, kRelaxed);
                       words->flag.store(1, store_order);
                     },
                     [=] {
                       words->seen_flag = words->flag.load(load_order);
                       words->seen_data = words->data.load(kRelaxed);
                     }},
                    [=, &outcomes] {
                      outcomes.emplace(words->seen_flag, words->seen_data);
                      return true;
                    }};
  };
  const Exploration all = ExploreAll(message_passing, Orderings::kAsWritten);
  EXPECT_TRUE(all.is_complete);
  return outcomes;
}

TEST(Interleavings, AReleaseMetByAnAcquireOrdersWhatStandsBefore) {
  const std::set<std::pair<int, int>> ordered = {{0, 0}, {0, 1}, {1, 1}};
  EXPECT_EQ(Outcomes(std::memory_order_release, std::memory_order_acquire),
            ordered);
}

TEST(Interleavings, OneOfTheTwoAloneOrdersNothing) {
  EXPECT_TRUE(Outcomes(std::memory_order_release, kRelaxed).count({1, 0}));
  EXPECT_TRUE(Outcomes(kRelaxed, std::memory_order_acquire).count({1, 0}));
}

// Each thread sees its own store and may miss the other's.
TEST(Interleavings, BothThreadsMayMissTheOthersStore) {
  std::set<std::pair<int, int>> outcomes;
  const auto store_buffering = [&] {
    auto words = std::make_shared<TwoWords>();
    return Scenario{
        {[=] {
           words->data.store(1, std::memory_order_release);
           words->seen_flag = words->flag.load(std::memory_order_acquire);
         },
         [=] {
           words->flag.store(1, std::memory_order_release);
           words->seen_data = words->data.load(std::memory_order_acquire);
         }},
        [=, &outcomes] {
          outcomes.emplace(words->seen_flag, words->seen_data);
          return true;
        }};
  };
  ExploreAll(store_buffering, Orderings::kAsWritten);
  EXPECT_EQ(outcomes.size(), 4u);
}

TEST(Interleavings, ALoadNeverGoesBack) {
  bool went_back = false;
  const auto twice = [&] {
    auto words = std::make_shared<TwoWords>();
    return Scenario{{[=] { words->data.store(1, kRelaxed); },
                     [=, &went_back] {
                       const int first = words->data.load(kRelaxed);
                       if (words->data.load(kRelaxed) < first) went_back = true;
                     }},
                    [] { return true; }};
  };
  ExploreAll(twice, Orderings::kAsWritten);
  EXPECT_FALSE(went_back);
}

TEST(Interleavings, ACounterWithoutAnExchangeLosesAnAddition) {
  const auto load_and_store = [] {
    auto words = std::make_shared<TwoWords>();
    const auto add = [=] { words->data.store(words->data.load() + 1); };
    return Scenario{{add, add}, [=] { return words->data.load() == 2; }};
  };
  const Exploration all = ExploreAll(load_and_store, Orderings::kAsWritten);
  EXPECT_FALSE(all.holds);
  EXPECT_NE(all.failure.find("T1 load of location 0"), std::string::npos);
}

TEST(Interleavings, WithAnExchangeItLosesNone) {
  const auto exchange = [] {
    auto words = std::make_shared<TwoWords>();
    const auto add = [=] {
      int value = words->data.load(kRelaxed);
      while (!words->data.compare_exchange_weak(value, value + 1, kRelaxed)) {
      }
    };
    return Scenario{{add, add, add}, [=] { return words->data.load() == 3; }};
  };
  const Exploration all = ExploreAll(exchange, Orderings::kAsWritten);
  EXPECT_TRUE(all.holds) << all.failure;
  EXPECT_TRUE(all.is_complete);
}

}  // namespace
}  // namespace dbgalloc::base
