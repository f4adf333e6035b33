// How one heap is set up: the options that matter here, as plain values, with
// everything that follows from them worked out once.
#ifndef DBGALLOC_ALLOC_HEAP_HEAP_CONFIG_H_
#define DBGALLOC_ALLOC_HEAP_HEAP_CONFIG_H_

#include <cstddef>
#include <cstdint>

#include "alloc/heap/block_record.h"
#include "alloc/heap/operation_times.h"
#include "alloc/heap/size_classes.h"

namespace dbgalloc::heap {

inline constexpr size_t kMinSpanSize = 4096;
inline constexpr size_t kMaxSpanSize = size_t{4} << 20;
inline constexpr size_t kMaxRedzone = 2048;
// Bytes behind a large block that are written and checked as its redzone.
inline constexpr size_t kMaxLargeRedzone = 4096;

struct HeapConfig {
  size_t span_size = size_t{128} << 10;  // power of two
  size_t redzone = 16;                   // multiple of kGranule
  size_t quarantine_size = size_t{64} << 20;
  size_t address_budget =
      sizeof(size_t) == 8 ? size_t(uint64_t{1} << 40) : size_t{256} << 20;
  size_t retained_records_size = size_t{256} << 20;
  bool retain_metadata = true;
  bool never_unmap = false;
  bool backing_zeroes = true;
  bool record_resizes = false;
  // Memory is taken in large pages where the kernel has them. Closed pages
  // would break them up: large blocks have redzones only.
  bool prefers_large_pages = false;
  // Null: operations have no times.
  MillisecondClock clock = nullptr;

  // Above this size a block is large: it gets a span of its own.
  size_t max_small() const {
    constexpr size_t kMost = BlockHead::kMaxSize & ~(kGranule - 1);
    return span_size / 4 < kMost ? span_size / 4 : kMost;
  }
};

}  // namespace dbgalloc::heap

#endif  // DBGALLOC_ALLOC_HEAP_HEAP_CONFIG_H_
