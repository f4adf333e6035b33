// How many mappings the process may still have: the kernel allows a fixed
// number (vm.max_map_count), and when they are used up, the program's own mmap,
// its thread stacks and its libraries are refused too.
//
// Counting is dear (the kernel prints them), so what was asked for is added up,
// and counted only when the sum comes near the limit.
#ifndef DBGALLOC_ALLOC_OS_MAPPING_BUDGET_H_
#define DBGALLOC_ALLOC_OS_MAPPING_BUDGET_H_

#include <atomic>
#include <cstddef>

namespace dbgalloc::os {

// Thread-safe, without locks; constant-initialized. Units are mappings.
class MappingBudget {
 public:
  using Number = size_t (*)();

  // `limit` is asked once, `present` whenever the truth is needed.
  constexpr MappingBudget(Number limit, Number present)
      : limit_(limit), present_(present) {}

  // Whether `count` mappings more leave the program a quarter of the limit.
  bool Take(size_t count);

 private:
  size_t Budget();

  static constexpr size_t kFirstWait = 1024;
  static constexpr size_t kLongestWait = kFirstWait << 10;

  const Number limit_;
  const Number present_;
  std::atomic<size_t> budget_{0};  // 0: not known yet
  std::atomic<size_t> assumed_{0};
  // While a recent count leaves nothing: refusals until the next count, and how
  // many they were to be.
  std::atomic<size_t> refusals_left_{0};
  std::atomic<size_t> wait_{kFirstWait};
};

// Of this process. False: make do without the mappings. Async-signal-safe,
// leaves errno as it was.
bool TakeMappings(size_t count);

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_MAPPING_BUDGET_H_
