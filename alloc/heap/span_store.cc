#include "alloc/heap/span_store.h"

#include <new>

#include "alloc/base/check.h"
#include "alloc/heap/span_layout.h"

namespace dbgalloc::heap {
namespace {

// Small spans are taken so many bytes at a time, aligned to as much, so that
// when all are retired the kernel can drop a whole page table.
constexpr size_t kChunkSize = size_t{2} << 20;
constexpr size_t kMetadataStep = size_t{1} << 20;
// Memory of spans that were forgotten just now stays: another thread may be
// looking at one that a stray pointer led to.
constexpr size_t kWarmSpanSlabs = 8;
// Spans are forgotten as they were retired, all of a chunk at once, and as many
// are made next. Where that is little beside what is retained, the memory of
// their records stays.
size_t WarmRecordSlabs(const HeapConfig& config) {
  constexpr size_t kMuch = size_t{64} << 20;
  return config.retain_metadata && config.retained_records_size >= kMuch ? 16
                                                                         : 1;
}

// Of retained_records_size, one part in so many is for what retained records
// need besides: spans, the page map.
constexpr size_t kShareBesideRecords = 8;

}  // namespace

void SpanStore::Init(Allocator* backing, Allocator* metadata,
                     const HeapConfig& config) {
  backing_ = backing;
  config_ = config;
  pages_ = backing->page_control();
  page_size_ = pages_ == nullptr ? 0 : pages_->page_size();
  size_t granule = config.span_size;
  if (pages_ != nullptr) {
    // A chunk's addresses are used again only when all its spans are retired:
    // where addresses are scarce, chunks are small.
    size_t chunk_size = kChunkSize;
    if (chunk_size > config.address_budget / 1024) {
      chunk_size = config.address_budget / 1024;
    }
    if (chunk_size > config.span_size) {
      spans_per_chunk_ = size_t{1} << Log2Floor(chunk_size / config.span_size);
    }
    granule = config.span_size / kMaxGranules;
    if (granule < page_size_) granule = page_size_;
    if (granule > config.span_size) granule = config.span_size;
  }
  small_granule_log2_ = Log2Floor(granule);
  arena_.Init(metadata, pages_ == nullptr ? config.span_size : kMetadataStep,
              config.backing_zeroes);
  slabs_.Init(metadata, pages_ == nullptr ? config.span_size : kMetadataStep,
              config.backing_zeroes,
              pages_ == nullptr ? MetadataArena::kMinAlignment : page_size_);
  span_source_ = {&slabs_, &arena_, pages_, kWarmSpanSlabs};
  records_.Init({&slabs_, &arena_, pages_, WarmRecordSlabs(config)},
                config.record_resizes);
  map_.Init(Log2Floor(config.span_size));
}

void* SpanStore::TakeMetadata(size_t size) {
  base::SpinLockHolder holder(lock_);
  return arena_.Take(size);
}

// --- Chunks ---------------------------------------------------------------

Chunk* SpanStore::NewChunk(size_t size, size_t alignment, uint16_t span_count) {
  Chunk* chunk = free_chunks_;
  if (chunk != nullptr) {
    free_chunks_ = chunk->next;
  } else if ((chunk = arena_.TakeObject<Chunk>()) == nullptr) {
    return nullptr;
  }
  *chunk = Chunk();
  void* memory = TakeChunkMemory(size, alignment);
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
  chunks_.Append(chunk);
  return chunk;
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
  chunks_.Remove(chunk);
  if (filling_ == chunk) filling_ = nullptr;
  if (guarded_filling_ == chunk) guarded_filling_ = nullptr;
  moved_ -= chunk->moved;
  if (pages_ == nullptr) {
    ReturnChunk(chunk);
    return;
  }
  pages_->Retire(reinterpret_cast<void*>(chunk->begin), chunk->size);
  chunk->retired = true;
  retired_chunks_.Append(chunk);
  retired_bytes_ += chunk->size;
  if (retired_regions_.Add(chunk->begin, chunk->size)) {
    constexpr uintptr_t kRegion = RetiredRegions::kRegionSize;
    const uintptr_t region = chunk->begin & ~(kRegion - 1);
    pages_->Retire(reinterpret_cast<void*>(region), kRegion);
  }
  if (retired_bytes_ > config_.address_budget) {
    RecycleAddressesLocked(retired_bytes_ - config_.address_budget);
  }
}

void SpanStore::ForgetChunk(Chunk* chunk) {
  for (size_t offset = 0; offset < chunk->size; offset += config_.span_size) {
    Span* span = map_.Find(chunk->begin + offset).span;
    if (span != nullptr && span->retained) Forget(span);
  }
  map_.Clear(chunk->begin, chunk->size);
}

size_t SpanStore::RecycleAddresses(size_t bytes) {
  base::SpinLockHolder holder(lock_);
  // The smallest piece to be had is a chunk, and an aligned piece may take
  // twice its size for a moment.
  return RecycleAddressesLocked(2 *
                                (bytes + spans_per_chunk_ * config_.span_size));
}

size_t SpanStore::RecycleAddressesLocked(size_t bytes) {
  size_t recycled = 0;
  while (recycled < bytes && !retired_chunks_.empty()) {
    Chunk* chunk = retired_chunks_.TakeFirst();
    retired_bytes_ -= chunk->size;
    retired_regions_.Remove(chunk->begin, chunk->size);
    recycled += chunk->size;
    ForgetChunk(chunk);
    ReturnChunk(chunk);
  }
  return recycled;
}

// --- Spans ----------------------------------------------------------------

Span* SpanStore::TakeSpan() {
  MetadataCell cell = span_cells_.Take(span_source_, sizeof(Span));
  if (cell.memory == nullptr) return nullptr;
  Span* span = new (cell.memory) Span();
  span->own_slab = cell.slab;
  return span;
}

// Whoever still has a pointer to it finds that it contains no address.
void SpanStore::GiveSpan(Span* span) {
  span->size = 0;
  span->begin.store(0, std::memory_order_release);
  span_cells_.Give(span_source_, {span, span->own_slab});
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

// Registers a span whose layout is set. False: no memory for its records.
bool SpanStore::Activate(Span* span) {
  if (!records_.Take(span)) return false;
  uintptr_t begin = span->begin.load(std::memory_order_relaxed);
  span->retired.store(false, std::memory_order_relaxed);
  span->queued = false;
  span->next_slot.store(0, std::memory_order_relaxed);
  span->unfilled.store(span->is_guarded, std::memory_order_relaxed);
  span->zeroed = config_.backing_zeroes;
  SetGranules(span, granule_size(*span), config_.redzone);
  if (!map_.Register(begin, span->size, span, arena_)) {
    records_.Give(span);
    return false;
  }
  LinkLive(span);
  return true;
}

Chunk* SpanStore::NewSmallChunk() {
  size_t size = spans_per_chunk_ * config_.span_size;
  return NewChunk(size, size, static_cast<uint16_t>(spans_per_chunk_));
}

// The warm chunk is for spans of small blocks.
Chunk* SpanStore::ChunkWithRoom(Chunk*& filling) {
  if (filling != nullptr && filling->carved < filling->span_count) {
    return filling;
  }
  bool takes_warm = &filling == &filling_ && warm_ != nullptr;
  filling = takes_warm ? warm_ : NewSmallChunk();
  if (takes_warm) warm_ = nullptr;
  return filling;
}

// `lay_out` sets what is in the span; it and `which` decide what slots it has.
Span* SpanStore::Carve(Chunk* chunk, LayOut* lay_out, size_t which,
                       size_t bytes) {
  Span* span = TakeSpan();
  if (span == nullptr) return nullptr;
  span->begin.store(chunk->begin + chunk->carved * config_.span_size,
                    std::memory_order_relaxed);
  span->size = config_.span_size;
  lay_out(span, which, bytes);
  span->chunk = chunk;
  if (!Activate(span)) {
    GiveSpan(span);
    return nullptr;
  }
  span->chunk_next = chunk->spans;
  chunk->spans = span;
  ++chunk->carved;
  if (chunk->warm != 0) {
    --chunk->warm;
    span->zeroed = false;
  }
  return span;
}

Span* SpanStore::NewSmall(size_t size_class) {
  base::SpinLockHolder holder(lock_);
  Chunk* chunk = ChunkWithRoom(filling_);
  if (chunk == nullptr) return nullptr;
  return Carve(chunk, &LayOutSlots, size_class, config_.redzone);
}

// --- Freed memory ---------------------------------------------------------

void SpanStore::Retire(Span* span) {
  base::SpinLockHolder holder(lock_);
  DBG_CHECK(!span->retired.load(std::memory_order_relaxed));
  span->retired.store(true, std::memory_order_release);
  UnlinkLive(span);
  Chunk* chunk = span->chunk;
  span->Unclaim();  // nobody finds it any more
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
  retained_record_bytes_ += records_.BytesOf(*span);
  size_t limit = config_.retain_metadata ? config_.retained_records_size : 0;
  limit -= limit / kShareBesideRecords;
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
  retained_record_bytes_ -= records_.BytesOf(*span);
}

// The records go; addresses that a newer span has taken meanwhile stay its.
void SpanStore::Forget(Span* span) {
  Unretain(span);
  uintptr_t begin = span->begin.load(std::memory_order_relaxed);
  map_.Forget(begin, span->size, span);
  records_.Give(span);
  GiveSpan(span);
}

void SpanStore::ForgetRetained() {
  base::SpinLockHolder holder(lock_);
  while (retained_first_ != nullptr) Forget(retained_first_);
}

void SpanStore::ReleaseAll() {
  GiveRoomBack();
  while (!chunks_.empty()) ReturnChunk(chunks_.TakeFirst());
  while (!retired_chunks_.empty()) ReturnChunk(retired_chunks_.TakeFirst());
  arena_.ReleaseAll();
  slabs_.ReleaseAll();
}

// Retired chunks have no memory.
size_t SpanStore::ResidentBytes() {
  base::SpinLockHolder holder(lock_);
  if (pages_ == nullptr) return span_bytes_ + metadata_bytes();
  size_t resident = arena_.ResidentBytes() + slabs_.ResidentBytes();
  for (const Chunk* chunk = chunks_.first(); chunk != nullptr;
       chunk = chunk->next) {
    resident += pages_->ResidentBytes(
        reinterpret_cast<const void*>(chunk->begin), chunk->size);
  }
  return resident;
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
