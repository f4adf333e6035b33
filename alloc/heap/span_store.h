// Where spans come from and where they go.
//
//   backing allocator -> chunk -> spans -> (all slots freed) -> retired
//        ^                                                        |
//        +---- oldest first, above the address budget ------------+
//
// Retired spans keep their records, oldest forgotten first above
// retained_records_size; their addresses are not used again until the address
// budget is spent. With a backing allocator that has no pages of its own,
// memory goes back to it as soon as a chunk is retired.
#ifndef DBGALLOC_ALLOC_HEAP_SPAN_STORE_H_
#define DBGALLOC_ALLOC_HEAP_SPAN_STORE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "alloc/base/spin_lock.h"
#include "alloc/heap/chunk_list.h"
#include "alloc/heap/heap_config.h"
#include "alloc/heap/metadata_arena.h"
#include "alloc/heap/metadata_cells.h"
#include "alloc/heap/page_map.h"
#include "alloc/heap/record_store.h"
#include "alloc/heap/retired_regions.h"
#include "alloc/heap/span.h"
#include "alloc/heap/span_layout.h"

namespace dbgalloc::heap {

// Thread-safe: one lock, taken once a span and never on the path of a block,
// except by large blocks.
class SpanStore {
 public:
  void Init(Allocator* backing, Allocator* metadata, const HeapConfig& config);

  // A registered span for slots of a class. Null: refused.
  Span* NewSmall(size_t size_class);

  // The same for slots of `data_pages` pages between guard pages, all closed.
  Span* NewGuarded(size_t data_pages);

  // A registered span for one block, with `room` bytes of addresses behind it
  // for growth, if they can be had. Null: refused.
  Span* NewLarge(size_t size, size_t alignment, size_t room = 0);
  // The same, the block lying against a guard page.
  Span* NewGuardedLarge(size_t size, size_t alignment, GuardSide side);

  // Makes the large span's usable memory end at or behind `end`, where it
  // lies. False: refused.
  bool GrowLarge(Span* span, uintptr_t end);
  // Gives the pages of a large span behind `end` back.
  void ShrinkLarge(Span* span, uintptr_t end);

  // Gives granules of a span back to the system. The span must be claimed.
  void ReleaseGranules(Span* span, uint32_t granules);

  // Moves the pages of a small span whose slots are all free under the next
  // span to be made, which is much cheaper than giving them back and taking
  // fresh ones; its own addresses become inaccessible. The span must be
  // claimed. False: not now; release them.
  bool PassPagesOn(Span* span);

  // The same for all spans of a chunk, with the page tables, for the price of
  // one.
  bool PassChunkOn(Chunk* chunk);

  // All memory of the span, which is claimed, is free: it becomes a record of
  // the past. The caller may not use it any more.
  void Retire(Span* span);

  // Gives address space back to the backing allocator, oldest first, until at
  // least `bytes` came back or nothing is left. Returns what came back.
  size_t RecycleAddresses(size_t bytes);

  // From now on no more than so many bytes of records are retained.
  void LowerRetained(size_t bytes) {
    base::SpinLockHolder holder(lock_);
    if (config_.retained_records_size > bytes) {
      config_.retained_records_size = bytes;
    }
  }

  // Forgets the records of all retired spans.
  void ForgetRetained();

  // Everything goes back to the backing allocator.
  void ReleaseAll();

  PageMapAnswer Find(uintptr_t address) const { return map_.Find(address); }
  Span* FindBelow(uintptr_t address, size_t units) const {
    return map_.FindBelow(address, units);
  }
  Span* FindAbove(uintptr_t address, size_t units) const {
    return map_.FindAbove(address, units);
  }

  // A walk over all spans that still have memory, each claimed while it is
  // looked at (nobody releases it meanwhile). ClaimNext unclaims its argument.
  Span* ClaimFirst();
  Span* ClaimNext(Span* claimed);

  // For a caller who holds the lock: the first of the spans that still have
  // memory, linked by live_next; and where the heap's own records lie.
  Span* live_spans() const { return live_; }
  template <typename Visitor>
  void ForEachMetadataPiece(const Visitor& visit) const {
    arena_.ForEachPiece(visit);
    slabs_.ForEachPiece(visit);
  }

  size_t granule_size(const Span& span) const {
    return span.is_small ? size_t{1} << small_granule_log2_ : span.size;
  }
  size_t span_size() const { return config_.span_size; }
  // For small spans.
  unsigned small_granule_log2() const { return small_granule_log2_; }
  bool pages_are_ours() const { return pages_ != nullptr; }
  PageControl* pages() const { return pages_; }
  size_t page_size() const { return page_size_; }
  size_t metadata_bytes() const {
    return arena_.taken_bytes() + slabs_.taken_bytes();
  }
  size_t span_bytes() const {
    return span_bytes_.load(std::memory_order_relaxed);
  }
  size_t retained_record_bytes() const { return retained_record_bytes_; }
  // Bytes of blocks and of records that are in memory now. Asks the kernel,
  // under the lock.
  size_t ResidentBytes();
  // Memory for the owner's own long-lived structures; null: refused.
  void* TakeMetadata(size_t size);

  base::SpinLock& lock() { return lock_; }

 private:
  Chunk* NewSmallChunk();
  Chunk* NewChunk(size_t size, size_t alignment, uint16_t span_count);
  void* TakeChunkMemory(size_t size, size_t alignment);
  void GiveRoomBack();
  void ReturnChunk(Chunk* chunk);
  void RetireChunk(Chunk* chunk);
  void ForgetChunk(Chunk* chunk);
  Chunk* ChunkWithRoom(Chunk*& filling);
  Chunk* ClosedChunkWithRoom();
  Span* TakeSpan();
  void GiveSpan(Span* span);
  using LayOut = void(Span* span, size_t which, size_t bytes);
  Span* Carve(Chunk* chunk, LayOut* lay_out, size_t which, size_t bytes);
  template <typename Place>
  Span* MakeLarge(size_t size, size_t alignment, size_t room,
                  const Place& place);
  bool Activate(Span* span);
  void GuardLarge(Span* span) const;
  void GuardTail(Span* span, uintptr_t usable_end) const;
  // Of large blocks.
  bool has_guards() const {
    return page_size_ != 0 && !config_.prefers_large_pages;
  }
  void LinkLive(Span* span);
  void UnlinkLive(Span* span);
  void Retain(Span* span);
  void Unretain(Span* span);
  void Forget(Span* span);
  size_t RecycleAddressesLocked(size_t bytes);
  Span* ClaimAt(Span* const& link);

  base::SpinLock lock_;
  Allocator* backing_ = nullptr;
  PageControl* pages_ = nullptr;
  HeapConfig config_;
  size_t page_size_ = 0;  // 0: no page control
  size_t spans_per_chunk_ = 1;
  unsigned small_granule_log2_ = 0;
  MetadataArena arena_;  // what stays: page map, chunks, lanes
  MetadataArena slabs_;  // what goes: records and spans
  MetadataCells::Source span_source_;
  MetadataCells span_cells_;
  RecordStore records_;
  PageMap map_;
  Chunk* filling_ = nullptr;  // the chunk that spans are being carved from
  Chunk* guarded_filling_ = nullptr;  // the same for guarded ones
  Chunk* warm_ = nullptr;     // the next one, which has all of its pages
  size_t moved_ = 0;          // mappings made by moving pages, not yet folded
  ChunkList chunks_;          // all that are not retired
  ChunkList retired_chunks_;  // oldest first
  size_t retired_bytes_ = 0;
  RetiredRegions retired_regions_;
  std::atomic<size_t> span_bytes_{0};  // written under the lock
  Span* live_ = nullptr;
  Span* retained_first_ = nullptr;
  Span* retained_last_ = nullptr;
  std::atomic<size_t> retained_record_bytes_{0};  // written under the lock
  Chunk* free_chunks_ = nullptr;
  // Mapped for chunks to come, where large pages are preferred.
  uintptr_t room_begin_ = 0;
  uintptr_t room_end_ = 0;
};

}  // namespace dbgalloc::heap

#endif  // DBGALLOC_ALLOC_HEAP_SPAN_STORE_H_
