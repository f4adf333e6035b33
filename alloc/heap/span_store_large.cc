// Spans of one large block each: made, grown and shrunk in place. Memory in
// large pages.
#include <algorithm>

#include "alloc/heap/span_layout.h"
#include "alloc/heap/span_store.h"

namespace dbgalloc::heap {
namespace {

// The kernel gives a large page only where all of it is mapped already: so
// chunks are cut from more than they need.
constexpr size_t kLargePage = size_t{2} << 20;
constexpr size_t kRoom = size_t{32} << 20;

}  // namespace

void* SpanStore::TakeChunkMemory(size_t size, size_t alignment) {
  if (!config_.prefers_large_pages || pages_ == nullptr) {
    return backing_->Allocate(size, alignment);
  }
  if (size > kRoom / 2) {
    void* own = backing_->Allocate(size, std::max(alignment, kLargePage));
    if (own != nullptr) pages_->PreferLargePages(own, size);
    return own;
  }
  uintptr_t begin = RoundUp(room_begin_, alignment);
  if (begin + size > room_end_) {
    GiveRoomBack();
    void* room = backing_->Allocate(kRoom, std::max(alignment, kLargePage));
    if (room == nullptr) return backing_->Allocate(size, alignment);
    pages_->PreferLargePages(room, kRoom);
    begin = reinterpret_cast<uintptr_t>(room);
    room_begin_ = begin;
    room_end_ = begin + kRoom;
  }
  if (begin != room_begin_) {
    backing_->Deallocate(reinterpret_cast<void*>(room_begin_),
                         begin - room_begin_, page_size_);
  }
  room_begin_ = begin + size;
  return reinterpret_cast<void*>(begin);
}

void SpanStore::GiveRoomBack() {
  if (room_begin_ < room_end_) {
    backing_->Deallocate(reinterpret_cast<void*>(room_begin_),
                         room_end_ - room_begin_, page_size_);
  }
  room_begin_ = 0;
  room_end_ = 0;
}

// Makes everything but the block, its redzones and slack inaccessible.
void SpanStore::GuardLarge(Span* span) const {
  if (!has_guards()) return;
  uintptr_t begin = span->begin.load(std::memory_order_relaxed);
  uintptr_t first_used = span->large_front & ~(page_size_ - 1);
  pages_->Retire(reinterpret_cast<void*>(begin), first_used - begin);
  GuardTail(span, span->large_usable_end);
}

void SpanStore::GuardTail(Span* span, uintptr_t usable_end) const {
  uintptr_t span_end = span->begin.load(std::memory_order_relaxed) + span->size;
  if (usable_end >= span_end || !has_guards()) return;
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
