#include "alloc/heap/operation_times.h"

#include "alloc/os/host_hooks.h"

namespace dbgalloc::heap {
namespace {

using Run = OperationTimes::Run;

// Runs become one when together they span at most a sixteenth of their age;
// when that does not help, an eighth, and so on, at last any two.
constexpr int kFinest = 4;
constexpr int kAnyTwo = -1;
// How often a reader looks for the lock to be free. In a frozen copy of a
// process it may never be.
constexpr int kPatience = 100;

uint64_t Later(uint64_t a, uint64_t b) { return a > b ? a : b; }
uint64_t Earlier(uint64_t a, uint64_t b) { return a < b ? a : b; }

Run Joined(const Run& a, const Run& b) {
  return {a.first, Earlier(a.begun, b.begun), Later(a.ended, b.ended),
          a.open + b.open};
}

bool MayJoin(const Run& a, const Run& b, uint64_t now, int tolerance) {
  if (tolerance == kAnyTwo) return true;
  if (a.open != 0 || b.open != 0) return false;
  const Run both = Joined(a, b);
  return (both.ended - both.begun) << tolerance <= now - both.ended;
}

}  // namespace

void OperationTimes::Start(MillisecondClock clock, void* room) {
  base::SpinLockHolder holder(lock_);
  if (is_started()) return;
  clock_ = clock;
  if (clock != nullptr) runs_ = static_cast<Run*>(room);
  is_started_.store(true, std::memory_order_release);
}

// The last run whose first number is not above the number; null: none.
Run* OperationTimes::RunOf(uint64_t number) {
  size_t low = 0;
  size_t high = count_;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (runs_[middle].first <= number) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low == 0 ? nullptr : &runs_[low - 1];
}

// Other lanes may be ahead with their numbers.
void OperationTimes::Insert(const Run& run) {
  size_t at = count_++;
  for (; at > 0 && runs_[at - 1].first > run.first; --at) {
    runs_[at] = runs_[at - 1];
  }
  runs_[at] = run;
}

void OperationTimes::Note(uint64_t first, uint64_t previous) {
  base::SpinLockHolder holder(lock_);
  if (runs_ == nullptr) return;
  const uint64_t now = clock_();
  Run* left = previous == 0 ? nullptr : RunOf(previous);
  if (left != nullptr && left->open > 0) {
    --left->open;
    left->ended = Later(left->ended, now);
  }
  if (count_ == kMaxRuns) MakeRoom(now);
  Insert({first, now, now, 1});
}

void OperationTimes::MakeRoom(uint64_t now) {
  for (int tolerance = kFinest;; --tolerance) {
    count_ = Merge(now, tolerance);
    if (count_ <= kMaxRuns / 4 * 3 || tolerance == kAnyTwo) return;
  }
}

// Returns how many are left. Any two, when it comes to that, are pairs: no run
// grows at the cost of all others.
size_t OperationTimes::Merge(uint64_t now, int tolerance) {
  size_t kept = 0;
  bool is_pair = false;
  for (size_t i = 1; i < count_; ++i) {
    const bool joins = !(tolerance == kAnyTwo && is_pair) &&
                       MayJoin(runs_[kept], runs_[i], now, tolerance);
    if (joins) {
      runs_[kept] = Joined(runs_[kept], runs_[i]);
    } else {
      runs_[++kept] = runs_[i];
    }
    is_pair = joins;
  }
  return kept + 1;
}

TimeAgo OperationTimes::When(uint64_t number) {
  if (!LockWithPatience()) return {};
  const TimeAgo ago = WhenLocked(number);
  lock_.Unlock();
  return ago;
}

bool OperationTimes::LockWithPatience() {
  for (int i = 0; i < kPatience; ++i) {
    if (lock_.TryLock()) return true;
    if (dbgalloc_host_yield != nullptr) dbgalloc_host_yield();
  }
  return false;
}

TimeAgo OperationTimes::WhenLocked(uint64_t number) {
  if (runs_ == nullptr || number == 0) return {};
  const uint64_t now = clock_();
  const Run* run = RunOf(number);
  if (run == nullptr) return {};
  const uint64_t ended = run->open > 0 ? now : run->ended;
  return {true, now - Earlier(now, ended), now - Earlier(now, run->begun)};
}

}  // namespace dbgalloc::heap
