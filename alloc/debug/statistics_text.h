// Figures of a heap as a person reads them.
//
//   live          12 blocks, 34567 bytes (peak 40 blocks, 99999 bytes)
//   ...
//   block size       spans   live blocks    live bytes  freed blocks
#ifndef DBGALLOC_ALLOC_DEBUG_STATISTICS_TEXT_H_
#define DBGALLOC_ALLOC_DEBUG_STATISTICS_TEXT_H_

#include <cstddef>

#include "alloc/base/text_writer.h"
#include "alloc/debug/heap_statistics.h"

namespace dbgalloc::debug {

// Some twenty lines, and one for each of the `count` classes.
void WriteStatistics(const HeapStatistics& statistics,
                     const ClassStatistics* classes, size_t count,
                     base::TextWriter& out);

}  // namespace dbgalloc::debug

#endif  // DBGALLOC_ALLOC_DEBUG_STATISTICS_TEXT_H_
