// A bound on the bytes that may live at once.
#ifndef DBGALLOC_ALLOC_FAIL_BYTE_BUDGET_H_
#define DBGALLOC_ALLOC_FAIL_BYTE_BUDGET_H_

#include <atomic>
#include <cstdint>

namespace dbgalloc::fail {

// Threads: any; of several at the bound, no more pass than there is room for.
class ByteBudget {
 public:
  constexpr ByteBudget() = default;

  // May be set at any time; what lives above it stays.
  void SetLimit(uint64_t bytes) { limit_.store(bytes); }

  // False: there is no room for so many more.
  bool Take(uint64_t bytes) {
    uint64_t live = live_.load();
    do {
      const uint64_t limit = limit_.load();
      if (bytes > limit || live > limit - bytes) return false;
    } while (!live_.compare_exchange_weak(live, live + bytes));
    return true;
  }

  void Give(uint64_t bytes) { live_.fetch_sub(bytes); }

  uint64_t live() const { return live_.load(); }

 private:
  std::atomic<uint64_t> limit_{UINT64_MAX};
  std::atomic<uint64_t> live_{0};
};

}  // namespace dbgalloc::fail

#endif  // DBGALLOC_ALLOC_FAIL_BYTE_BUDGET_H_
