#include "alloc/pool/span_store.h"

#include <atomic>
#include <new>

#include "alloc/os/clock.h"
#include "alloc/os/pages.h"
#include "alloc/pool/pool_lock.h"

namespace dbgalloc::pool {

// Lies in the gap of the states.
struct Chunk {
  Chunk* next = nullptr;       // all chunks
  Chunk* next_room = nullptr;  // those that have free units
  Chunk* previous_room = nullptr;
  bool has_room = false;
  // Bits, one a unit. Dirty ones are free and have memory.
  uint64_t free = 0;
  uint64_t dirty = 0;
  uint64_t dirty_since = 0;  // when the first of them was given back
  uint8_t first_unit[kUnitsInChunk] = {};  // of the span around each unit
  Span spans[kUnitsInChunk];               // by first unit
};

namespace {

static_assert(kUnitsInChunk == 64, "one bit a unit");
static_assert(sizeof(Chunk) <= kStateGapSize);

Chunk* ChunkOf(uintptr_t address) {
  return reinterpret_cast<Chunk*>((address & ~(kChunkSize - 1)) + kStateGap);
}

void* BeginOf(const Chunk& chunk) {
  return reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(&chunk) -
                                 kStateGap);
}

uintptr_t UnitAddress(const Chunk& chunk, unsigned unit) {
  return reinterpret_cast<uintptr_t>(BeginOf(chunk)) + unit * kUnitSize;
}

uint64_t Mask(unsigned first, unsigned units) {
  uint64_t run = units == 64 ? ~uint64_t{0} : (uint64_t{1} << units) - 1;
  return run << first;
}

// The lowest run of `units` set bits; 64: none.
unsigned FindRun(uint64_t bits, unsigned units) {
  uint64_t starts = bits;
  for (unsigned length = 1; length < units && starts != 0;) {
    unsigned step = length < units - length ? length : units - length;
    starts &= starts >> step;
    length += step;
  }
  return starts == 0 ? 64 : static_cast<unsigned>(__builtin_ctzll(starts));
}

// The units' memory, and whole pages of their states, which no live block has.
void Discard(uintptr_t begin, size_t size) {
  os::DiscardPages(reinterpret_cast<void*>(begin), size);
  const uintptr_t page_mask = os::PageSize() - 1;
  for (unsigned shift = kGranuleLog2; shift <= kMaxStateShift; ++shift) {
    uintptr_t first = reinterpret_cast<uintptr_t>(StateWithShift(begin, shift));
    uintptr_t end = first + (size >> shift) * sizeof(BlockState);
    first = (first + page_mask) & ~page_mask;
    end &= ~page_mask;
    if (first >= end) return;
    os::DiscardPages(reinterpret_cast<void*>(first), end - first);
  }
}

}  // namespace

unsigned SpanUnits(SizeClass size_class) {
  size_t size = ClassSize(size_class);
  size_t units = (size + kUnitSize - 1) / kUnitSize;
  while ((units * kUnitSize) % size * 8 > units * kUnitSize) ++units;
  return static_cast<unsigned>(units);
}

Span* SpanStore::Find(uintptr_t address) {
  Chunk* chunk = ChunkOf(address);
  unsigned unit = (address >> kUnitLog2) & (kUnitsInChunk - 1);
  return &chunk->spans[chunk->first_unit[unit]];
}

Chunk* SpanStore::AddChunk() {
  void* memory = memory_->Map(kChunkSize, kChunkSize);
  if (memory == nullptr) return nullptr;
  uintptr_t begin = reinterpret_cast<uintptr_t>(memory);
  if (!units_->Set(begin, kChunkSize, kOverhead)) {
    memory_->Unmap(memory, kChunkSize);
    return nullptr;
  }
  Chunk* chunk = new (reinterpret_cast<void*>(begin + kStateGap)) Chunk;
  chunk->free = Mask(kHeaderUnits, kUnitsInChunk - kHeaderUnits);
  chunk->next = chunks_;
  chunks_ = chunk;
  AddRoom(*chunk);
  chunk_count_.fetch_add(1, std::memory_order_relaxed);
  return chunk;
}

void SpanStore::AddRoom(Chunk& chunk) {
  if (chunk.has_room) return;
  chunk.has_room = true;
  chunk.previous_room = nullptr;
  chunk.next_room = rooms_;
  if (rooms_ != nullptr) rooms_->previous_room = &chunk;
  rooms_ = &chunk;
}

void SpanStore::RemoveRoom(Chunk& chunk) {
  chunk.has_room = false;
  if (chunk.next_room != nullptr) {
    chunk.next_room->previous_room = chunk.previous_room;
  }
  if (chunk.previous_room != nullptr) {
    chunk.previous_room->next_room = chunk.next_room;
  } else {
    rooms_ = chunk.next_room;
  }
}

// Units that have memory come first.
Span* SpanStore::TakeFrom(Chunk& chunk, SizeClass size_class, unsigned units) {
  unsigned first = FindRun(chunk.dirty, units);
  if (first == 64) first = FindRun(chunk.free, units);
  if (first == 64) return nullptr;
  chunk.free &= ~Mask(first, units);
  chunk.dirty &= ~Mask(first, units);
  if (chunk.free == 0) RemoveRoom(chunk);
  for (unsigned unit = first; unit < first + units; ++unit) {
    chunk.first_unit[unit] = static_cast<uint8_t>(first);
  }
  Span* span = new (&chunk.spans[first]) Span;
  span->begin = UnitAddress(chunk, first);
  spans_in_use_.fetch_add(1, std::memory_order_relaxed);
  span->units = static_cast<uint8_t>(units);
  span->size_class = static_cast<uint8_t>(size_class);
  span->capacity =
      static_cast<uint32_t>(units * kUnitSize / ClassSize(size_class));
  units_->Set(span->begin, units * kUnitSize,
              static_cast<UnitKind>(size_class));
  return span;
}

Span* SpanStore::Take(SizeClass size_class) {
  unsigned units = SpanUnits(size_class);
  PoolLockHolder holder(lock_);
  for (Chunk* chunk = rooms_; chunk != nullptr; chunk = chunk->next_room) {
    Span* span = TakeFrom(*chunk, size_class, units);
    if (span != nullptr) return span;
  }
  Chunk* chunk = AddChunk();
  return chunk == nullptr ? nullptr : TakeFrom(*chunk, size_class, units);
}

void SpanStore::GiveBack(Span* span) {
  uint64_t now = os::MonotonicNanoseconds();
  PoolLockHolder holder(lock_);
  Chunk& chunk = *ChunkOf(span->begin);
  unsigned first = (span->begin >> kUnitLog2) & (kUnitsInChunk - 1);
  units_->Set(span->begin, span->units * kUnitSize, kOverhead);
  if (chunk.dirty == 0) chunk.dirty_since = now;
  if (oldest_dirty_.load(std::memory_order_relaxed) == 0) {
    oldest_dirty_.store(now, std::memory_order_relaxed);
  }
  chunk.free |= Mask(first, span->units);
  chunk.dirty |= Mask(first, span->units);
  AddRoom(chunk);
  span->size_class = 0;
  spans_in_use_.fetch_sub(1, std::memory_order_relaxed);
}

// The units are out of everybody's reach while the system takes their memory.
size_t SpanStore::PurgeChunk(Chunk& chunk) {
  uint64_t taken = chunk.dirty;
  chunk.dirty = 0;
  chunk.free &= ~taken;
  lock_.Unlock();
  size_t purged = 0;
  for (uint64_t left = taken; left != 0;) {
    unsigned first = static_cast<unsigned>(__builtin_ctzll(left));
    unsigned run = static_cast<unsigned>(__builtin_ctzll(~(left >> first)));
    Discard(UnitAddress(chunk, first), run * kUnitSize);
    purged += run * kUnitSize;
    left &= ~Mask(first, run);
  }
  lock_.Lock();
  chunk.free |= taken;
  AddRoom(chunk);
  return purged;
}

size_t SpanStore::Purge(uint64_t before) {
  size_t purged = 0;
  lock_.Lock();
  for (Chunk* chunk = chunks_; chunk != nullptr; chunk = chunk->next) {
    if (chunk->dirty != 0 && chunk->dirty_since < before) {
      purged += PurgeChunk(*chunk);
    }
  }
  uint64_t oldest = 0;
  for (Chunk* chunk = chunks_; chunk != nullptr; chunk = chunk->next) {
    if (chunk->dirty == 0) continue;
    if (oldest == 0 || chunk->dirty_since < oldest) oldest = chunk->dirty_since;
  }
  oldest_dirty_.store(oldest, std::memory_order_relaxed);
  lock_.Unlock();
  return purged;
}

void SpanStore::ForEachSpan(void (*visit)(void* context, Span& span),
                            void* context) {
  for (Chunk* chunk = chunks_; chunk != nullptr; chunk = chunk->next) {
    for (Span& span : chunk->spans) {
      if (span.size_class != 0) visit(context, span);
    }
  }
}

void SpanStore::Destroy() {
  while (chunks_ != nullptr) {
    Chunk* chunk = chunks_;
    chunks_ = chunk->next;
    memory_->Unmap(BeginOf(*chunk), kChunkSize);
  }
  rooms_ = nullptr;
  chunk_count_.store(0, std::memory_order_relaxed);
}

}  // namespace dbgalloc::pool
