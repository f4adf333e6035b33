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
  span->is_small = true;
  span->is_large = false;
  span->is_guarded = false;
}

void LayOutGuarded(Span* span, size_t data_pages, size_t page_size) {
  size_t stride = (data_pages + 1) * page_size;
  span->stride = static_cast<uint32_t>(stride);
  span->reciprocal = Span::ReciprocalOf(span->stride);
  // The last slot is followed by a guard page, too.
  span->slot_count = static_cast<uint32_t>((span->size - page_size) / stride);
  span->size_class = static_cast<uint16_t>(GuardedClassOf(data_pages));
  span->is_small = false;
  span->is_large = false;
  span->is_guarded = true;
}

void SetGranules(Span* span, size_t granule, size_t redzone) {
  size_t count = span->is_small ? span->size / granule : 1;
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

GuardPlacement PlaceGuarded(size_t size, size_t alignment, GuardSide side,
                            size_t page_size) {
  if (size == 0) return {1, 0};
  size_t bytes = RoundUp(size, page_size);
  size_t offset =
      side == GuardSide::kLeft ? 0 : (bytes - size) & ~(alignment - 1);
  return {bytes / page_size, offset};
}

size_t LargeOverhead(size_t alignment, size_t page_size, size_t redzone) {
  return 2 * page_size + 2 * redzone + (alignment > kGranule ? alignment : 0);
}

void PlaceLargeBlock(Span* span, size_t size, size_t alignment,
                     size_t page_size, size_t redzone) {
  uintptr_t begin = span->begin.load(std::memory_order_relaxed);
  uintptr_t user = RoundUp(begin + page_size + redzone, alignment);
  span->large_user_begin = user;
  span->large_front = user - redzone;
  span->large_most_end = UINTPTR_MAX;
  span->large_size.store(size, std::memory_order_relaxed);
  span->large_usable_end = page_size == 0
                               ? begin + span->size
                               : RoundUp(user + size + redzone, page_size);
}

void PlaceGuardedLargeBlock(Span* span, size_t size, size_t alignment,
                            GuardSide side, size_t page_size, size_t redzone) {
  uintptr_t first = span->begin.load(std::memory_order_relaxed) + page_size;
  uintptr_t user = RoundUp(first, alignment);
  if (side == GuardSide::kRight) {
    user = (RoundUp(user + size, page_size) - size) & ~(alignment - 1);
  }
  uintptr_t page_begin = user & ~(page_size - 1);
  uintptr_t user_end = user + size;
  span->large_user_begin = user;
  span->large_front = redzone == 0 ? user : page_begin;
  span->large_size.store(size, std::memory_order_relaxed);
  span->large_usable_end = RoundUp(user_end, page_size);
  // One that ends at its guard page stays there.
  span->large_most_end =
      side == GuardSide::kRight ? span->large_usable_end : UINTPTR_MAX;
}

}  // namespace dbgalloc::heap
