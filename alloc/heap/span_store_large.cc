// Spans of one large block each: made, grown and shrunk in place.
#include "alloc/heap/span_layout.h"
#include "alloc/heap/span_store.h"

namespace dbgalloc::heap {

// Makes everything but the block, its redzones and slack inaccessible.
void SpanStore::GuardLarge(Span* span) const {
  if (page_size_ == 0) return;
  uintptr_t begin = span->begin.load(std::memory_order_relaxed);
  uintptr_t first_used = span->large_front & ~(page_size_ - 1);
  pages_->Retire(reinterpret_cast<void*>(begin), first_used - begin);
  GuardTail(span, span->large_usable_end);
}

void SpanStore::GuardTail(Span* span, uintptr_t usable_end) const {
  uintptr_t span_end = span->begin.load(std::memory_order_relaxed) + span->size;
  if (page_size_ == 0 || usable_end >= span_end) return;
  pages_->Retire(reinterpret_cast<void*>(usable_end), span_end - usable_end);
}

// `place` decides where in the span the block lies.
template <typename Place>
Span* SpanStore::MakeLarge(size_t size, size_t alignment, size_t room,
                           const Place& place) {
  size_t around = LargeOverhead(alignment, page_size_, config_.redzone);
  if (size > SIZE_MAX / 4 || alignment > SIZE_MAX / 4) return nullptr;
  size_t total = RoundUp(size + around + room, config_.span_size);
  base::SpinLockHolder holder(lock_);
  Chunk* chunk = NewChunk(total, config_.span_size, 1);
  if (chunk == nullptr && room != 0) {
    total = RoundUp(size + around, config_.span_size);
    chunk = NewChunk(total, config_.span_size, 1);
  }
  if (chunk == nullptr) return nullptr;
  Span* span = TakeSpan();
  if (span != nullptr) {
    span->begin.store(chunk->begin, std::memory_order_relaxed);
    span->size = total;
    span->stride = 0;
    span->slot_count = 1;
    span->size_class = kLargeClass;
    span->is_small = false;
    span->is_large = true;
    span->chunk = chunk;
    span->chunk_next = nullptr;
    chunk->spans = span;
    chunk->carved = 1;
    if (Activate(span)) {
      place(span);
      GuardLarge(span);
      return span;
    }
    GiveSpan(span);
  }
  chunks_.Remove(chunk);
  ReturnChunk(chunk);
  return nullptr;
}

Span* SpanStore::NewLarge(size_t size, size_t alignment, size_t room) {
  return MakeLarge(size, alignment, room, [&](Span* span) {
    PlaceLargeBlock(span, size, alignment, page_size_, config_.redzone);
    span->is_guarded = false;
  });
}

Span* SpanStore::NewGuardedLarge(size_t size, size_t alignment,
                                 GuardSide side) {
  if (pages_ == nullptr) return nullptr;
  return MakeLarge(size, alignment, /*room=*/0, [&](Span* span) {
    PlaceGuardedLargeBlock(span, size, alignment, side, page_size_,
                           config_.redzone);
    span->is_guarded = true;
  });
}

bool SpanStore::GrowLarge(Span* span, uintptr_t end) {
  if (end <= span->large_usable_end) return true;
  uintptr_t begin = span->begin.load(std::memory_order_relaxed);
  base::SpinLockHolder holder(lock_);
  size_t needed = RoundUp(end + page_size_ - begin, config_.span_size);
  Chunk* chunk = span->chunk;
  if (needed > chunk->size) {
    size_t added = needed - chunk->size;
    if (!backing_->Resize(reinterpret_cast<void*>(begin), chunk->size,
                          chunk->alignment, needed)) {
      return false;
    }
    if (!map_.Register(begin, needed, span, arena_)) {
      backing_->Resize(reinterpret_cast<void*>(begin), needed, chunk->alignment,
                       chunk->size);
      return false;
    }
    chunk->size = needed;
    span->size = needed;
    span_bytes_ += added;
    GuardTail(span, RoundUp(end, page_size_));
  }
  if (page_size_ == 0) {
    span->large_usable_end = begin + span->size;
    return true;
  }
  uintptr_t usable_end = RoundUp(end, page_size_);
  if (!pages_->Reactivate(reinterpret_cast<void*>(span->large_usable_end),
                          usable_end - span->large_usable_end)) {
    return false;
  }
  span->large_usable_end = usable_end;
  return true;
}

void SpanStore::ShrinkLarge(Span* span, uintptr_t end) {
  if (page_size_ == 0) return;
  uintptr_t usable_end = RoundUp(end, page_size_);
  if (usable_end >= span->large_usable_end) return;
  pages_->Retire(reinterpret_cast<void*>(usable_end),
                 span->large_usable_end - usable_end);
  span->large_usable_end = usable_end;
}

}  // namespace dbgalloc::heap
