// Where things lie in a span: pure arithmetic on its fields.
#ifndef DBGALLOC_ALLOC_HEAP_SPAN_LAYOUT_H_
#define DBGALLOC_ALLOC_HEAP_SPAN_LAYOUT_H_

#include <cstddef>
#include <cstdint>

#include "alloc/heap/span.h"

namespace dbgalloc::heap {

// Sets stride, slots and class of a small span; begin and size are set.
void LayOutSlots(Span* span, size_t size_class, size_t redzone);

// Sets which granules exist and how many slots touch each; a slot reaches to
// the end of the redzone behind it. Granules that no slot touches count as
// released from the start.
void SetGranules(Span* span, size_t granule, size_t redzone);

// Bytes that a large span needs around its block.
size_t LargeOverhead(size_t alignment, size_t page_size, size_t redzone);

// Places the block of a large span: behind a guard page and its redzone,
// aligned. The guard behind begins at the first page after the redzone that
// follows the block. `page_size` 0: there are no guards.
void PlaceLargeBlock(Span* span, size_t size, size_t alignment,
                     size_t page_size, size_t redzone);

}  // namespace dbgalloc::heap

#endif  // DBGALLOC_ALLOC_HEAP_SPAN_LAYOUT_H_
