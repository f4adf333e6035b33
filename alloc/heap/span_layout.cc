#include "alloc/heap/span_layout.h"

#include "alloc/heap/size_classes.h"

namespace dbgalloc::heap {
namespace {

uint32_t Mask(size_t bits) {
  return bits >= 32 ? UINT32_MAX : (uint32_t{1} << bits) - 1;
}

// How many slots touch bytes [begin, end) of the span.
uint32_t SlotsTouching(const Span& span, size_t begin, size_t end,
                       size_t redzone) {
  size_t reach = span.stride + redzone;
  size_t first = begin < reach ? 0 : (begin - reach) / span.stride + 1;
  size_t last = (end - 1) / span.stride;  // the last slot that begins here
  if (last >= span.slot_count) last = span.slot_count - 1;
  return first > last ? 0 : static_cast<uint32_t>(last - first + 1);
}

}  // namespace

void LayOutSlots(Span* span, size_t size_class, size_t redzone) {
  size_t stride = ClassCapacity(size_class) + redzone;
  span->stride = static_cast<uint32_t>(stride);
  span->reciprocal = Span::ReciprocalOf(span->stride);
  span->slot_count = static_cast<uint32_t>((span->size - redzone) / stride);
  span->size_class = static_cast<uint16_t>(size_class);
  span->is_large = false;
}

void SetGranules(Span* span, size_t granule, size_t redzone) {
  size_t count = span->is_large ? 1 : span->size / granule;
  span->all_granules = Mask(count);
  span->unused_granules = 0;
  if (count == 1) {
    span->granule_slots[0].store(span->slot_count, std::memory_order_relaxed);
  }
  for (size_t g = 0; count != 1 && g < count; ++g) {
    uint32_t slots =
        SlotsTouching(*span, g * granule, (g + 1) * granule, redzone);
    span->granule_slots[g].store(slots, std::memory_order_relaxed);
    if (slots == 0) span->unused_granules |= uint32_t{1} << g;
  }
  span->idle_granules = span->unused_granules;
  span->released_granules = span->unused_granules;
}

size_t LargeOverhead(size_t alignment, size_t page_size, size_t redzone) {
  return 2 * page_size + 2 * redzone + (alignment > kGranule ? alignment : 0);
}

void PlaceLargeBlock(Span* span, size_t size, size_t alignment,
                     size_t page_size, size_t redzone) {
  uintptr_t begin = span->begin.load(std::memory_order_relaxed);
  uintptr_t user = RoundUp(begin + page_size + redzone, alignment);
  span->large_user_begin = user;
  span->large_size.store(size, std::memory_order_relaxed);
  span->large_usable_end = page_size == 0
                               ? begin + span->size
                               : RoundUp(user + size + redzone, page_size);
}

}  // namespace dbgalloc::heap
