// Stacks on the board of a sweep: counted, stored so that any process
// understands them, and named.
#ifndef DBGALLOC_ALLOC_INTERPOSE_SWEEP_STACKS_H_
#define DBGALLOC_ALLOC_INTERPOSE_SWEEP_STACKS_H_

#include <cstddef>
#include <cstdint>

#include "alloc/debug/debug_heap.h"
#include "alloc/fail/sweep_board.h"

namespace dbgalloc::interpose {

// How often each stack came. Threads: one at a time. Grows in memory of the
// kernel; when that is refused, stacks that have no place count as new.
class StackCounts {
 public:
  constexpr StackCounts() = default;
  StackCounts(const StackCounts&) = delete;
  StackCounts& operator=(const StackCounts&) = delete;

  // How often this stack came before, for allocations and resizes apart.
  uint64_t Count(uint32_t stack, bool is_resize);

 private:
  struct Entry {
    uint64_t key;  // 0: free
    uint64_t count;
  };

  bool Grow();
  Entry* Find(uint64_t key) const;

  Entry* entries_ = nullptr;
  size_t capacity_ = 0;  // a power of two
  size_t used_ = 0;
};

// The stack id of a request, as the options say.
uint32_t RecordRequestStack(const debug::CallerFrame& caller);

// Writes a stack of this process's depot to the board.
void KeepStack(fail::SweepBoard& board, uint32_t stack, fail::SweepStack* kept);

// Writes the names of all frames of all points to "names" in the board's
// folder, a line each: point, stack (0 or 1), frame, function, file, line, with
// tabs between them.
void DescribeStacks(fail::SweepBoard& board);

}  // namespace dbgalloc::interpose

#endif  // DBGALLOC_ALLOC_INTERPOSE_SWEEP_STACKS_H_
