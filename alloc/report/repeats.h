// Which reports say the same thing, and how often they did.
#ifndef DBGALLOC_ALLOC_REPORT_REPEATS_H_
#define DBGALLOC_ALLOC_REPORT_REPEATS_H_

#include <cstddef>
#include <cstdint>

#include "dbgalloc/error_record.h"

namespace dbgalloc::report {

// A number for what an error is: its kind and its stacks; without stacks, its
// address. Never 0.
uint64_t ErrorKey(const ErrorRecord& record);

// Two errors are the same when their kind and all their stacks are; without
// stacks, when their kind and address are. Remembers a fixed number of errors;
// beyond it everything counts as new. Threads: under the report lock.
class Repeats {
 public:
  static constexpr size_t kCapacity = 1024;

  constexpr Repeats() = default;

  // How often this error has been seen, this time included; 1 when it is new
  // or there is no room to remember it.
  uint64_t Count(const ErrorRecord& record);

  // Errors that were counted but not new.
  uint64_t total_repeated() const { return total_repeated_; }

  void Clear();

 private:
  struct Entry {
    uint64_t key = 0;  // 0: free
    uint64_t count = 0;
  };

  Entry entries_[kCapacity] = {};
  uint64_t total_repeated_ = 0;
};

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_REPEATS_H_
