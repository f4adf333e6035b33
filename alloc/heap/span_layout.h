// Where things lie in a span: pure arithmetic on its fields.
#ifndef DBGALLOC_ALLOC_HEAP_SPAN_LAYOUT_H_
#define DBGALLOC_ALLOC_HEAP_SPAN_LAYOUT_H_

#include <cstddef>
#include <cstdint>

#include "alloc/heap/span.h"

namespace dbgalloc::heap {

// The end of a guarded block that touches an inaccessible page.
enum class GuardSide : uint8_t { kRight, kLeft };

// Sets stride, slots and class of a small span; begin and size are set.
void LayOutSlots(Span* span, size_t size_class, size_t redzone);

// The same for a guarded span whose slots have `data_pages` pages each.
void LayOutGuarded(Span* span, size_t data_pages, size_t page_size);

// Sets which granules exist and how many slots touch each; a slot reaches to
// the end of the redzone behind it. Granules that no slot touches count as
// released from the start.
void SetGranules(Span* span, size_t granule, size_t redzone);

// Where a guarded block lies: at which byte of how many data pages.
struct GuardPlacement {
  size_t pages = 0;
  size_t offset = 0;
};

// For a block of `size` bytes at `alignment`, at most a page. An empty block
// takes a page that nobody may touch.
GuardPlacement PlaceGuarded(size_t size, size_t alignment, GuardSide side,
                            size_t page_size);

// Bytes that a large span needs around its block.
size_t LargeOverhead(size_t alignment, size_t page_size, size_t redzone);

// Places the block of a large span: behind a guard page and its redzone,
// aligned. The guard behind begins at the first page after the redzone that
// follows the block. `page_size` 0: there are no guards.
void PlaceLargeBlock(Span* span, size_t size, size_t alignment,
                     size_t page_size, size_t redzone);

// Places it right before the guard behind, as far as its alignment lets it, or
// right behind the guard before. The rest of its first and last page is redzone
// unless `redzone` is 0.
void PlaceGuardedLargeBlock(Span* span, size_t size, size_t alignment,
                            GuardSide side, size_t page_size, size_t redzone);

}  // namespace dbgalloc::heap

#endif  // DBGALLOC_ALLOC_HEAP_SPAN_LAYOUT_H_
