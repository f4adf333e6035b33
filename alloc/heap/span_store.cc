#include "alloc/heap/span_store.h"

#include <cstring>
#include <new>

#include "alloc/base/check.h"

namespace dbgalloc::heap {
namespace {

// Small spans are taken so many bytes at a time, aligned to as much, so that
// when all are retired the kernel can drop a whole page table.
constexpr size_t kChunkSize = size_t{2} << 20;
constexpr size_t kMetadataStep = size_t{1} << 20;
// Record arrays of a class that are kept as they are for the next span.
constexpr size_t kWarmRecords = 2;

uint32_t Mask(size_t bits) {
  return bits >= 32 ? UINT32_MAX : (uint32_t{1} << bits) - 1;
}

}  // namespace

void SpanStore::Init(Allocator* backing, const HeapConfig& config) {
  backing_ = backing;
  config_ = config;
  pages_ = backing->page_control();
  page_size_ = pages_ == nullptr ? 0 : pages_->page_size();
  small_granule_ = config.span_size;
  if (pages_ != nullptr) {
    if (kChunkSize > config.span_size) {
      spans_per_chunk_ = kChunkSize / config.span_size;
    }
    small_granule_ = config.span_size / kMaxGranules;
    if (small_granule_ < page_size_) small_granule_ = page_size_;
    if (small_granule_ > config.span_size) small_granule_ = config.span_size;
  }
  arena_.Init(backing, pages_ == nullptr ? config.span_size : kMetadataStep,
              config.backing_zeroes);
  map_.Init(Log2Floor(config.span_size));
}

void* SpanStore::TakeMetadata(size_t size) {
  base::SpinLockHolder holder(lock_);
  return arena_.Take(size);
}

// --- Chunks ---------------------------------------------------------------

Chunk* SpanStore::NewChunk(size_t size, size_t alignment, uint32_t span_count) {
  Chunk* chunk = free_chunks_;
  if (chunk != nullptr) {
    free_chunks_ = chunk->next;
  } else if ((chunk = arena_.TakeObject<Chunk>()) == nullptr) {
    return nullptr;
  }
  *chunk = Chunk();
  void* memory = backing_->Allocate(size, alignment);
  if (memory == nullptr) {
    chunk->next = free_chunks_;
    free_chunks_ = chunk;
    return nullptr;
  }
  chunk->begin = reinterpret_cast<uintptr_t>(memory);
  chunk->size = size;
  chunk->alignment = alignment;
  chunk->span_count = span_count;
  span_bytes_ += size;
  LinkChunk(chunk);
  return chunk;
}

void SpanStore::LinkChunk(Chunk* chunk) {
  chunk->previous = nullptr;
  chunk->next = chunks_;
  if (chunks_ != nullptr) chunks_->previous = chunk;
  chunks_ = chunk;
}

void SpanStore::UnlinkChunk(Chunk* chunk) {
  if (chunk->previous != nullptr) chunk->previous->next = chunk->next;
  if (chunk->next != nullptr) chunk->next->previous = chunk->previous;
  if (chunks_ == chunk) chunks_ = chunk->next;
}

// The chunk is in no list any more.
void SpanStore::ReturnChunk(Chunk* chunk) {
  backing_->Deallocate(reinterpret_cast<void*>(chunk->begin), chunk->size,
                       chunk->alignment);
  span_bytes_ -= chunk->size;
  chunk->next = free_chunks_;
  free_chunks_ = chunk;
}

void SpanStore::RetireChunk(Chunk* chunk) {
  UnlinkChunk(chunk);
  if (filling_ == chunk) filling_ = nullptr;
  if (pages_ == nullptr) {
    ReturnChunk(chunk);
    return;
  }
  pages_->Retire(reinterpret_cast<void*>(chunk->begin), chunk->size);
  chunk->retired = true;
  chunk->next = nullptr;
  (retired_last_ == nullptr ? retired_first_ : retired_last_->next) = chunk;
  retired_last_ = chunk;
  retired_bytes_ += chunk->size;
  if (retired_bytes_ > config_.address_budget) {
    RecycleAddressesLocked(retired_bytes_ - config_.address_budget);
  }
}

void SpanStore::ForgetChunk(Chunk* chunk) {
  for (size_t offset = 0; offset < chunk->size; offset += config_.span_size) {
    Span* span = map_.Find(chunk->begin + offset).span;
    if (span != nullptr && span->retained) Forget(span);
  }
  map_.Forget(chunk->begin, chunk->size, /*remember=*/false);
}

size_t SpanStore::RecycleAddresses(size_t bytes) {
  base::SpinLockHolder holder(lock_);
  return RecycleAddressesLocked(bytes);
}

size_t SpanStore::RecycleAddressesLocked(size_t bytes) {
  size_t recycled = 0;
  while (recycled < bytes && retired_first_ != nullptr) {
    Chunk* chunk = retired_first_;
    retired_first_ = chunk->next;
    if (retired_first_ == nullptr) retired_last_ = nullptr;
    retired_bytes_ -= chunk->size;
    recycled += chunk->size;
    ForgetChunk(chunk);
    ReturnChunk(chunk);
  }
  return recycled;
}

// --- Records --------------------------------------------------------------

size_t SpanStore::RecordBytes(const Span& span) const {
  size_t each = sizeof(BlockRecord);
  if (config_.record_resizes) each += sizeof(ResizeRecord);
  return RoundUp(each * span.slot_count, 64);
}

bool SpanStore::TakeRecords(Span* span) {
  size_t size = RecordBytes(*span);
  FreeRecords*& list = free_records_[span->size_class];
  void* memory = list;
  if (list == nullptr) {
    memory = arena_.Take(size);
    if (memory == nullptr) return false;
  } else {
    bool is_zero = list->is_zero;
    list = list->next;
    memset(memory, 0, is_zero ? sizeof(FreeRecords) : size);
  }
  span->records = static_cast<BlockRecord*>(memory);
  span->resizes = nullptr;
  if (config_.record_resizes) {
    span->resizes =
        reinterpret_cast<ResizeRecord*>(span->records + span->slot_count);
  }
  return true;
}

// Keeps a few arrays of each class as they are; the memory of the others goes
// back to the system until they are used again.
void SpanStore::GiveRecords(Span* span) {
  FreeRecords*& list = free_records_[span->size_class];
  size_t waiting = list == nullptr ? 0 : list->waiting;
  uintptr_t begin = reinterpret_cast<uintptr_t>(span->records);
  uintptr_t end = begin + RecordBytes(*span);
  bool is_zero = false;
  if (waiting >= kWarmRecords && pages_ != nullptr) {
    uintptr_t first = RoundUp(begin, page_size_);
    uintptr_t last = end & ~(page_size_ - 1);
    if (first < last &&
        pages_->Discard(reinterpret_cast<void*>(first), last - first)) {
      memset(reinterpret_cast<void*>(begin), 0, first - begin);
      memset(reinterpret_cast<void*>(last), 0, end - last);
      is_zero = true;
    }
  }
  list = new (span->records) FreeRecords{list, waiting + 1, is_zero};
  span->records = nullptr;
}

// --- Spans ----------------------------------------------------------------

Span* SpanStore::TakeSpan() {
  Span* span = free_spans_;
  if (span == nullptr) return arena_.TakeObject<Span>();
  free_spans_ = span->queue_next;
  span->queue_next = nullptr;
  return span;
}

void SpanStore::LinkLive(Span* span) {
  span->live_previous = nullptr;
  span->live_next = live_;
  if (live_ != nullptr) live_->live_previous = span;
  live_ = span;
}

void SpanStore::UnlinkLive(Span* span) {
  if (span->live_previous != nullptr) {
    span->live_previous->live_next = span->live_next;
  }
  if (span->live_next != nullptr) {
    span->live_next->live_previous = span->live_previous;
  }
  if (live_ == span) live_ = span->live_next;
}

// Counts, for each granule, the slots that touch it; a slot reaches to the end
// of the redzone behind it. Granules that no slot touches count as released.
void SpanStore::SetGranules(Span* span) const {
  size_t granule = granule_size(*span);
  size_t count = span->size / granule;
  if (count > kMaxGranules) count = 1;
  span->all_granules = Mask(count);
  span->idle_granules = 0;
  span->released_granules = 0;
  if (count == 1) {
    span->granule_slots[0].store(span->slot_count,
                                 std::memory_order_relaxed);
    return;
  }
  size_t reach = span->stride + config_.redzone;
  for (size_t g = 0; g < count; ++g) {
    size_t begin = g * granule;
    size_t end = begin + granule;
    size_t first = begin < reach ? 0 : (begin - reach) / span->stride + 1;
    size_t last = (end - 1) / span->stride;  // the last slot that begins here
    if (last >= span->slot_count) last = span->slot_count - 1;
    size_t slots = first > last ? 0 : last - first + 1;
    span->granule_slots[g].store(static_cast<uint32_t>(slots),
                                 std::memory_order_relaxed);
    if (slots == 0) {
      span->idle_granules |= uint32_t{1} << g;
      span->released_granules |= uint32_t{1} << g;
    }
  }
}

// Registers a span whose layout is set. False: no memory for its records.
bool SpanStore::Activate(Span* span) {
  if (!TakeRecords(span)) return false;
  uintptr_t begin = span->begin.load(std::memory_order_relaxed);
  span->retired.store(false, std::memory_order_relaxed);
  span->queued = false;
  span->next_slot = 0;
  span->zeroed = config_.backing_zeroes;
  SetGranules(span);
  if (!map_.Register(begin, span->size, span, arena_)) {
    GiveRecords(span);
    return false;
  }
  LinkLive(span);
  return true;
}

Chunk* SpanStore::ChunkWithRoom() {
  if (filling_ != nullptr && filling_->carved < filling_->span_count) {
    return filling_;
  }
  size_t size = spans_per_chunk_ * config_.span_size;
  filling_ = NewChunk(size, size, static_cast<uint32_t>(spans_per_chunk_));
  return filling_;
}

Span* SpanStore::CarveSmall(Chunk* chunk, size_t size_class) {
  Span* span = TakeSpan();
  if (span == nullptr) return nullptr;
  size_t stride = ClassCapacity(size_class) + config_.redzone;
  span->begin.store(chunk->begin + chunk->carved * config_.span_size,
                    std::memory_order_relaxed);
  span->size = config_.span_size;
  span->stride = static_cast<uint32_t>(stride);
  span->reciprocal = Span::ReciprocalOf(span->stride);
  span->slot_count =
      static_cast<uint32_t>((config_.span_size - config_.redzone) / stride);
  span->size_class = static_cast<uint16_t>(size_class);
  span->is_large = false;
  span->chunk = chunk;
  if (!Activate(span)) {
    span->queue_next = free_spans_;
    free_spans_ = span;
    return nullptr;
  }
  ++chunk->carved;
  return span;
}

Span* SpanStore::NewSmall(size_t size_class) {
  base::SpinLockHolder holder(lock_);
  Chunk* chunk = ChunkWithRoom();
  return chunk == nullptr ? nullptr : CarveSmall(chunk, size_class);
}

// Places the block: behind a guard page and its redzone, aligned; the guard
// behind begins at the first page after the redzone that follows the block.
void SpanStore::LayOutLarge(Span* span, size_t size, size_t alignment) const {
  uintptr_t begin = span->begin.load(std::memory_order_relaxed);
  uintptr_t user = RoundUp(begin + page_size_ + config_.redzone, alignment);
  uintptr_t end = user + size + config_.redzone;
  span->large_user_begin = user;
  span->large_usable_end =
      page_size_ == 0 ? begin + span->size : RoundUp(end, page_size_);
  span->large_size.store(size, std::memory_order_relaxed);
  if (page_size_ == 0) return;
  uintptr_t first_used = (user - config_.redzone) & ~(page_size_ - 1);
  pages_->Retire(reinterpret_cast<void*>(begin), first_used - begin);
  uintptr_t span_end = begin + span->size;
  if (span->large_usable_end < span_end) {
    pages_->Retire(reinterpret_cast<void*>(span->large_usable_end),
                   span_end - span->large_usable_end);
  }
}

Span* SpanStore::NewLarge(size_t size, size_t alignment) {
  size_t around = 2 * page_size_ + 2 * config_.redzone +
                  (alignment > kGranule ? alignment : 0);
  if (size > SIZE_MAX / 4 || alignment > SIZE_MAX / 4) return nullptr;
  size_t total = RoundUp(size + around, config_.span_size);
  base::SpinLockHolder holder(lock_);
  Chunk* chunk = NewChunk(total, config_.span_size, 1);
  if (chunk == nullptr) return nullptr;
  Span* span = TakeSpan();
  if (span != nullptr) {
    span->begin.store(chunk->begin, std::memory_order_relaxed);
    span->size = total;
    span->stride = 0;
    span->slot_count = 1;
    span->size_class = kMaxClasses;
    span->is_large = true;
    span->chunk = chunk;
    chunk->carved = 1;
    if (Activate(span)) {
      LayOutLarge(span, size, alignment);
      return span;
    }
    span->queue_next = free_spans_;
    free_spans_ = span;
  }
  UnlinkChunk(chunk);
  ReturnChunk(chunk);
  return nullptr;
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
      backing_->Resize(reinterpret_cast<void*>(begin), needed,
                       chunk->alignment, chunk->size);
      return false;
    }
    chunk->size = needed;
    span->size = needed;
    span_bytes_ += added;
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

// --- Freed memory ---------------------------------------------------------

void SpanStore::ReleaseGranules(Span* span, uint32_t granules) {
  if (pages_ == nullptr) return;
  size_t granule = granule_size(*span);
  uintptr_t begin = span->begin.load(std::memory_order_relaxed);
  while (granules != 0) {
    unsigned first = static_cast<unsigned>(__builtin_ctz(granules));
    unsigned count = first;
    while (count < 32 && (granules >> count & 1) != 0) ++count;
    count -= first;
    pages_->Retire(reinterpret_cast<void*>(begin + first * granule),
                   count * granule);
    granules &= ~(Mask(count) << first);
  }
}

void SpanStore::Retire(Span* span) {
  base::SpinLockHolder holder(lock_);
  DBG_CHECK(!span->retired.load(std::memory_order_relaxed));
  span->retired.store(true, std::memory_order_release);
  UnlinkLive(span);
  Chunk* chunk = span->chunk;
  Retain(span);
  if (++chunk->retired_count == chunk->span_count) RetireChunk(chunk);
}

void SpanStore::Retain(Span* span) {
  span->retained = true;
  span->retained_next = nullptr;
  span->retained_previous = retained_last_;
  (retained_last_ == nullptr ? retained_first_
                             : retained_last_->retained_next) = span;
  retained_last_ = span;
  retained_record_bytes_ += RecordBytes(*span);
  size_t limit = config_.retain_metadata ? config_.retained_records_size : 0;
  while (retained_first_ != nullptr && retained_record_bytes_ > limit) {
    Forget(retained_first_);
  }
}

void SpanStore::Unretain(Span* span) {
  span->retained = false;
  if (span->retained_previous != nullptr) {
    span->retained_previous->retained_next = span->retained_next;
  } else {
    retained_first_ = span->retained_next;
  }
  if (span->retained_next != nullptr) {
    span->retained_next->retained_previous = span->retained_previous;
  } else {
    retained_last_ = span->retained_previous;
  }
  retained_record_bytes_ -= RecordBytes(*span);
}

// The records go; addresses that a newer span has taken meanwhile stay its.
void SpanStore::Forget(Span* span) {
  Unretain(span);
  uintptr_t begin = span->begin.load(std::memory_order_relaxed);
  if (map_.Find(begin).span == span) {
    map_.Forget(begin, span->size, /*remember=*/true);
  }
  GiveRecords(span);
  span->begin.store(0, std::memory_order_release);
  span->size = 0;
  span->queue_next = free_spans_;
  free_spans_ = span;
}

void SpanStore::ForgetRetained() {
  base::SpinLockHolder holder(lock_);
  while (retained_first_ != nullptr) Forget(retained_first_);
}

void SpanStore::ReleaseAll() {
  while (chunks_ != nullptr) {
    Chunk* chunk = chunks_;
    UnlinkChunk(chunk);
    ReturnChunk(chunk);
  }
  while (retired_first_ != nullptr) {
    Chunk* chunk = retired_first_;
    retired_first_ = chunk->next;
    ReturnChunk(chunk);
  }
  arena_.ReleaseAll();
}

// --- Walking --------------------------------------------------------------

// Claims the span that `link` points to, waiting for whoever releases it: by
// the next look it is free again, or gone from the list.
Span* SpanStore::ClaimAt(Span* const& link) {
  while (link != nullptr && !link->TryClaim()) {
    lock_.Unlock();
    if (dbgalloc_host_yield != nullptr) dbgalloc_host_yield();
    lock_.Lock();
  }
  return link;
}

Span* SpanStore::ClaimFirst() {
  base::SpinLockHolder holder(lock_);
  return ClaimAt(live_);
}

Span* SpanStore::ClaimNext(Span* claimed) {
  base::SpinLockHolder holder(lock_);
  Span* next = ClaimAt(claimed->live_next);
  claimed->Unclaim();
  return next;
}

}  // namespace dbgalloc::heap
