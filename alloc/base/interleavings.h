// Runs a few threads of a lock-free algorithm in every order of their steps,
// and lets each load see every value that the C++ memory model permits: old
// ones, too, until a release and an acquire rule them out.
//
// The algorithm is the real one: a template whose atomics are parameters. Here
// they are Modelled<T>, and each access of one is a step. Of one run all
// choices are noted (which thread goes on, which value a load returns); the
// next run changes the last choice that has an alternative, until there is
// none.
//
// The model: every location has its stores in the order in which they were
// made; a thread has, for each location, the oldest store that it may still
// see. A release store carries what its thread has seen, an acquire load that
// meets it takes that over; a read-modify-write acts on the newest store and
// hands on what that carried. There is no single order of seq_cst operations
// (they are as acq_rel), and no load from the future.
#ifndef DBGALLOC_ALLOC_BASE_INTERLEAVINGS_H_
#define DBGALLOC_ALLOC_BASE_INTERLEAVINGS_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

namespace dbgalloc::base {

// One try: the threads' functions, and what must hold when all have ended.
// Everything that they share is made anew for each run.
struct Scenario {
  std::vector<std::function<void()>> threads;
  std::function<bool()> holds;
};

struct Exploration {
  uint64_t runs = 0;
  bool holds = true;         // in every run
  bool is_complete = false;  // false: there are more runs than were allowed
  std::string failure;       // the steps of the run in which it did not
};

enum class Orderings : uint8_t {
  kAsWritten,
  kAllRelaxed,  // what the test plants: no release and no acquire counts
};

struct ExplorationLimits {
  uint64_t most_runs = 500'000;
  // How often, in one run, a thread may be interrupted that could go on. Larger
  // scenarios are explored completely within three or four: faults need few.
  int most_interruptions = 1000;
};

// Explores until it is complete, a run fails, or `most_runs` were made.
Exploration ExploreAll(const std::function<Scenario()>& make,
                       Orderings orderings,
                       const ExplorationLimits& limits = {});

namespace model {

// What a location holds.
using Value = std::array<uint64_t, 2>;

// Outside a run, while a scenario is made or looked at, an access is no step
// and sees the newest store.
Value Load(const void* location, std::memory_order order);
void Store(void* location, Value value, std::memory_order order);
Value Exchange(void* location, Value value, std::memory_order order);
// `expected` gets what was found. Fails only where that differs.
bool CompareExchange(void* location, Value* expected, Value desired,
                     std::memory_order success, std::memory_order failure);

}  // namespace model

// Stands for std::atomic<T>. T has at most two words and no padding.
template <typename T>
class Modelled {
 public:
  Modelled() : Modelled(T()) {}
  explicit Modelled(T value) { store(value); }
  Modelled(const Modelled&) = delete;
  Modelled& operator=(const Modelled&) = delete;

  T load(std::memory_order order = std::memory_order_seq_cst) const {
    return Unpacked(model::Load(this, order));
  }
  void store(T value, std::memory_order order = std::memory_order_seq_cst) {
    model::Store(this, Packed(value), order);
  }
  T exchange(T value, std::memory_order order = std::memory_order_seq_cst) {
    return Unpacked(model::Exchange(this, Packed(value), order));
  }
  bool compare_exchange_strong(
      T& expected, T desired, std::memory_order success,
      std::memory_order failure = std::memory_order_relaxed) {
    model::Value found = Packed(expected);
    const bool done =
        model::CompareExchange(this, &found, Packed(desired), success, failure);
    expected = Unpacked(found);
    return done;
  }
  bool compare_exchange_weak(
      T& expected, T desired, std::memory_order success,
      std::memory_order failure = std::memory_order_relaxed) {
    return compare_exchange_strong(expected, desired, success, failure);
  }

 private:
  static_assert(sizeof(T) <= sizeof(model::Value));

  static model::Value Packed(T value) {
    model::Value packed = {};
    std::memcpy(packed.data(), &value, sizeof(value));
    return packed;
  }
  static T Unpacked(const model::Value& packed) {
    T value;
    std::memcpy(&value, packed.data(), sizeof(value));
    return value;
  }
};

// Stands for a plain T: nothing orders its accesses by themselves.
template <typename T>
class ModelledPlain {
 public:
  ModelledPlain() = default;
  operator T() const { return value_.load(std::memory_order_relaxed); }
  ModelledPlain& operator=(T value) {
    value_.store(value, std::memory_order_relaxed);
    return *this;
  }

 private:
  Modelled<T> value_;
};

}  // namespace dbgalloc::base

#endif  // DBGALLOC_ALLOC_BASE_INTERLEAVINGS_H_
