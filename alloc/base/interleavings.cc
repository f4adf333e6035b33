#include "alloc/base/interleavings.h"

#include <cstddef>
#include <map>
#include <memory>
#include <semaphore>
#include <thread>

#include "alloc/base/check.h"

namespace dbgalloc::base {
namespace {

using model::Value;

// The oldest store of each location that may still be seen.
using View = std::map<const void*, size_t>;

void Join(View& view, const View& other) {
  for (const auto& [location, oldest] : other) {
    size_t& known = view[location];
    if (known < oldest) known = oldest;
  }
}

struct StoreEvent {
  Value value;
  View carried;  // by a release, and by what it continues
};

bool Acquires(std::memory_order order) {
  return order != std::memory_order_relaxed &&
         order != std::memory_order_release;
}

bool Releases(std::memory_order order) {
  return order == std::memory_order_release ||
         order == std::memory_order_acq_rel ||
         order == std::memory_order_seq_cst;
}

struct Choice {
  size_t taken;
  size_t alternatives;
};

struct Actor {
  View view;
  std::binary_semaphore turn{0};
  bool has_stepped = false;
  bool ended = false;
};

constexpr size_t kNobody = SIZE_MAX;

// Where the calling thread stands in the run; kNobody: outside of it.
thread_local size_t self = kNobody;

// The run in progress. Only one thread at a time touches it: the one whose turn
// it is.
class Run {
 public:
  Run(Orderings orderings, int most_interruptions, std::vector<Choice> prefix)
      : orderings_(orderings),
        interruptions_left_(most_interruptions),
        choices_(std::move(prefix)) {}

  void Play(const Scenario& scenario) {
    for (size_t i = 0; i < scenario.threads.size(); ++i) {
      actors_.push_back(std::make_unique<Actor>());
      actors_.back()->view = initial_;
    }
    std::vector<std::thread> threads;
    for (size_t i = 0; i < actors_.size(); ++i) {
      threads.emplace_back([this, i, &scenario] {
        self = i;
        actors_[i]->turn.acquire();
        scenario.threads[i]();
        actors_[i]->ended = true;
        PassOn();
      });
    }
    PassOn();
    all_ended_.acquire();
    for (std::thread& thread : threads) thread.join();
  }

  Value Load(const void* location, std::memory_order order) {
    BeginStep("load", location);
    std::vector<StoreEvent>& stores = stores_[location];
    DBG_CHECK(!stores.empty());
    View& view = OwnView();
    const size_t oldest = self == kNobody ? stores.size() - 1 : view[location];
    const size_t seen = stores.size() - 1 - Choose(stores.size() - oldest);
    See(location, seen, order);
    return stores[seen].value;
  }

  void Store(const void* location, const Value& value,
             std::memory_order order) {
    BeginStep("store", location);
    Append(location, value, order, {});
  }

  Value Exchange(const void* location, const Value& value,
                 std::memory_order order) {
    BeginStep("exchange", location);
    const size_t newest = stores_[location].size() - 1;
    See(location, newest, order);
    const StoreEvent before = stores_[location][newest];
    Append(location, value, order, before.carried);
    return before.value;
  }

  bool CompareExchange(const void* location, Value* expected,
                       const Value& desired, std::memory_order success,
                       std::memory_order failure) {
    BeginStep("compare-exchange", location);
    const size_t newest = stores_[location].size() - 1;
    const StoreEvent before = stores_[location][newest];
    const bool equal = before.value == *expected;
    See(location, newest, equal ? success : failure);
    *expected = before.value;
    if (equal) Append(location, desired, success, before.carried);
    return equal;
  }

  // The choices of the next run; empty: this was the last.
  std::vector<Choice> Next() const {
    std::vector<Choice> next = choices_;
    while (!next.empty() && next.back().taken + 1 == next.back().alternatives) {
      next.pop_back();
    }
    if (!next.empty()) ++next.back().taken;
    return next;
  }

  const std::string& steps() const { return steps_; }

 private:
  View& OwnView() { return self == kNobody ? initial_ : actors_[self]->view; }

  size_t Choose(size_t alternatives) {
    if (alternatives == 1) return 0;
    if (next_choice_ == choices_.size()) choices_.push_back({0, alternatives});
    const Choice& choice = choices_[next_choice_++];
    DBG_CHECK(choice.alternatives == alternatives);
    return choice.taken;
  }

  // Another thread may go on here, and this one later.
  void BeginStep(const char* kind, const void* location) {
    if (self == kNobody) return;
    // Who begins was chosen when the run began.
    if (actors_[self]->has_stepped) PassOn();
    actors_[self]->has_stepped = true;
    steps_ +=
        "T" + std::to_string(self) + " " + kind + " of location " +
        std::to_string(names_.emplace(location, names_.size()).first->second) +
        "\n";
  }

  void PassOn() {
    const bool can_go_on = self != kNobody && !actors_[self]->ended;
    if (can_go_on && interruptions_left_ == 0) return;
    std::vector<size_t> able;
    // The thread that runs stands first, so that few changes come first.
    if (can_go_on) able.push_back(self);
    for (size_t i = 0; i < actors_.size(); ++i) {
      if (i != self && !actors_[i]->ended) able.push_back(i);
    }
    if (able.empty()) return all_ended_.release();
    const size_t next = able[Choose(able.size())];
    if (next == self) return;
    if (can_go_on) --interruptions_left_;
    Actor* own = can_go_on ? actors_[self].get() : nullptr;
    actors_[next]->turn.release();
    if (own != nullptr) own->turn.acquire();
  }

  void See(const void* location, size_t index, std::memory_order order) {
    View& view = OwnView();
    view[location] = index;
    if (Acquires(order) && orderings_ == Orderings::kAsWritten) {
      Join(view, stores_[location][index].carried);
    }
  }

  void Append(const void* location, const Value& value, std::memory_order order,
              View carried) {
    std::vector<StoreEvent>& stores = stores_[location];
    View& view = OwnView();
    view[location] = stores.size();
    if (Releases(order) && orderings_ == Orderings::kAsWritten) {
      Join(carried, view);
    }
    stores.push_back({value, std::move(carried)});
  }

  const Orderings orderings_;
  int interruptions_left_;
  std::vector<Choice> choices_;
  size_t next_choice_ = 0;
  View initial_;
  std::map<const void*, std::vector<StoreEvent>> stores_;
  std::map<const void*, size_t> names_;
  std::vector<std::unique_ptr<Actor>> actors_;
  std::binary_semaphore all_ended_{0};
  std::string steps_;
};

Run* current_run = nullptr;

}  // namespace

Exploration ExploreAll(const std::function<Scenario()>& make,
                       Orderings orderings, const ExplorationLimits& limits) {
  Exploration result;
  std::vector<Choice> choices;
  do {
    Run run(orderings, limits.most_interruptions, choices);
    current_run = &run;
    const Scenario scenario = make();
    run.Play(scenario);
    result.holds = scenario.holds();
    ++result.runs;
    if (!result.holds) result.failure = run.steps();
    choices = run.Next();
    current_run = nullptr;
  } while (result.holds && !choices.empty() && result.runs < limits.most_runs);
  result.is_complete = result.holds && choices.empty();
  return result;
}

namespace model {

Value Load(const void* location, std::memory_order order) {
  return current_run->Load(location, order);
}

void Store(void* location, Value value, std::memory_order order) {
  current_run->Store(location, value, order);
}

Value Exchange(void* location, Value value, std::memory_order order) {
  return current_run->Exchange(location, value, order);
}

bool CompareExchange(void* location, Value* expected, Value desired,
                     std::memory_order success, std::memory_order failure) {
  return current_run->CompareExchange(location, expected, desired, success,
                                      failure);
}

}  // namespace model

}  // namespace dbgalloc::base
