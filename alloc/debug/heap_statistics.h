// Figures of a heap: plain numbers, made on demand.
#ifndef DBGALLOC_ALLOC_DEBUG_HEAP_STATISTICS_H_
#define DBGALLOC_ALLOC_DEBUG_HEAP_STATISTICS_H_

#include <cstddef>
#include <cstdint>

namespace dbgalloc::debug {

// Blocks and bytes; bytes of blocks are as requested, all others are memory.
struct HeapStatistics {
  uint64_t allocations = 0;  // successful ones
  uint64_t frees = 0;
  uint64_t allocated_bytes = 0;  // of all allocations so far
  uint64_t freed_bytes = 0;
  uint64_t live_blocks = 0;
  uint64_t live_bytes = 0;
  uint64_t errors = 0;
  uint64_t quarantine_bytes = 0;
  uint64_t metadata_bytes = 0;  // taken from the backing allocator for records
  uint64_t span_bytes = 0;      // taken from it for blocks, not yet given back
  uint64_t peak_blocks = 0;
  uint64_t peak_bytes = 0;      // see Heap::NotePeak for how exact
  uint64_t retained_bytes = 0;  // records of freed blocks

  // What the kernel knows; see AllStatistics in system_host.h.
  uint64_t resident_bytes = 0;  // of blocks and records
  uint64_t stack_traces = 0;
  uint64_t stack_bytes = 0;
  uint64_t stack_hits = 0;  // recorded again, approximately
  uint64_t mappings = 0;
  uint64_t mapping_limit = 0;
  uint64_t process_resident_bytes = 0;
};

// Size classes that may have memory, large blocks included.
inline constexpr size_t kMostClasses = 128;

// One size class. Freed blocks count until their memory has gone.
struct ClassStatistics {
  uint64_t capacity = 0;  // largest block in bytes; 0: large blocks, any size
  uint64_t spans = 0;
  uint64_t live_blocks = 0;
  uint64_t live_bytes = 0;
  uint64_t freed_blocks = 0;
  uint64_t freed_bytes = 0;
};

}  // namespace dbgalloc::debug

#endif  // DBGALLOC_ALLOC_DEBUG_HEAP_STATISTICS_H_
