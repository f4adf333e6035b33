// Answers, in a few nanoseconds, which block a word points to.
//
//   word  47        32        unit_log2        0
//         |  top    |  leaf   |    offset      |
//            top[]  ->  leaf[]  ->  SpanEntry -> slot -> bit
//
// Built once a scan from the heap's spans, so that the scan reads three small
// tables in place of the heap's records; a bit a block says whether the scan
// still waits to see it. The heap is locked, or a copy, meanwhile.
#ifndef DBGALLOC_ALLOC_LEAK_BLOCK_INDEX_H_
#define DBGALLOC_ALLOC_LEAK_BLOCK_INDEX_H_

#include <cstddef>
#include <cstdint>

#include "alloc/heap/heap.h"
#include "alloc/leak/scan_memory.h"

namespace dbgalloc::leak {

// One span: what a look-up needs, in a cache line.
struct alignas(64) SpanEntry {
  uintptr_t begin = 0;
  uint64_t reciprocal = 0;  // of the stride, see heap::Span::SlotOf(); 0: large
  uint64_t* unseen = nullptr;  // bit a slot: live and not yet seen
  heap::Span* span = nullptr;
  uint32_t used = 0;        // slots handed out so far
  uint32_t first_lost = 0;  // among the lost blocks, see lost_blocks.h
};
static_assert(sizeof(SpanEntry) == 64);

// A block of the index; invalid when `entry` is null.
struct BlockPlace {
  SpanEntry* entry = nullptr;
  uint32_t slot = 0;

  explicit operator bool() const { return entry != nullptr; }
  bool operator==(const BlockPlace&) const = default;
  heap::BlockRef ref() const {
    return {entry->span, &entry->span->records[slot]};
  }
  const heap::BlockRecord& record() const { return entry->span->records[slot]; }
  uint64_t allocation_number() const {
    return record().allocated.From(entry->span->first_number);
  }
};

class BlockIndex {
 public:
  // Reads the heap's spans; all its locks are held. False: no memory.
  bool Build(heap::Heap* heap, ScanMemory* memory);

  // Addresses [lowest(), lowest() + extent()) hold all that was noted here.
  uintptr_t lowest() const { return lowest_; }
  uintptr_t extent() const { return highest_ - lowest_; }

  // The live block that was not seen yet and that the word points into, at its
  // first byte, behind its last, or between.
  BlockPlace FindUnseen(uintptr_t word) const {
    // A block's first byte lies behind a redzone, so the byte before what a
    // word points to is in the same slot; the byte behind its last need not be.
    const uintptr_t inside = word - before_;
    const uint32_t* leaf = top_[(inside >> kTopShift) & (kTopEntries - 1)];
    if (leaf == nullptr) return {};
    const uint32_t number = leaf[(inside & kLeafMask) >> unit_log2_];
    if (number - 1 >= kForeign - 1) return {};  // 0 is none
    SpanEntry* entry = &entries_[number];
    const uint64_t offset = inside - entry->begin;
    const auto slot = static_cast<uint32_t>((offset * entry->reciprocal) >> 44);
    if (slot >= entry->used) return {};
    if ((entry->unseen[slot / 64] >> (slot % 64) & 1) == 0) return {};
    const BlockPlace place{entry, slot};
    return Holds(place, word) ? place : BlockPlace();
  }

  // Whether memory that is not the heap's was noted around the word.
  bool IsNearForeign(uintptr_t word) const {
    const uint32_t* leaf = top_[(word >> kTopShift) & (kTopEntries - 1)];
    return leaf != nullptr &&
           leaf[(word & kLeafMask) >> unit_log2_] == kForeign;
  }
  // Notes foreign memory, or forgets it; units of the heap stay the heap's.
  // False: no memory.
  bool NoteForeign(uintptr_t begin, uintptr_t end);
  void ForgetForeign(uintptr_t begin, uintptr_t end);
  // Whether the heap has, or had, memory at the address.
  bool IsHeap(uintptr_t address) const;
  uintptr_t unit() const { return uintptr_t{1} << unit_log2_; }

  static void SetSeen(BlockPlace place) {
    place.entry->unseen[place.slot / 64] &= ~(uint64_t{1} << (place.slot % 64));
  }
  bool Holds(BlockPlace place, uintptr_t word) const {
    const heap::BlockRef block = place.ref();
    return word - heap_->UserBegin(block) <= heap_->SizeOf(block);
  }
  uintptr_t UserBegin(BlockPlace place) const {
    return heap_->UserBegin(place.ref());
  }
  uint64_t SizeOf(BlockPlace place) const { return heap_->SizeOf(place.ref()); }

  size_t live_blocks() const { return live_blocks_; }
  size_t span_count() const { return count_; }

  // Calls visit(BlockPlace) for each block that is not seen, by spans.
  template <typename Visitor>
  void ForEachUnseen(const Visitor& visit) const {
    for (uint32_t number = 1; number <= count_; ++number) {
      SpanEntry* entry = &entries_[number];
      for (uint32_t word = 0; word * 64 < entry->used; ++word) {
        for (uint64_t bits = entry->unseen[word]; bits != 0; bits &= bits - 1) {
          const auto bit = static_cast<uint32_t>(__builtin_ctzll(bits));
          visit(BlockPlace{entry, word * 64 + bit});
        }
      }
    }
  }

  // The same for live blocks that were seen.
  template <typename Visitor>
  void ForEachSeen(const Visitor& visit) const {
    for (uint32_t number = 1; number <= count_; ++number) {
      SpanEntry* entry = &entries_[number];
      for (uint32_t slot = 0; slot < entry->used; ++slot) {
        const bool unseen = (entry->unseen[slot / 64] >> (slot % 64) & 1) != 0;
        const BlockPlace place{entry, slot};
        if (!unseen && IsLive(*place.ref().record)) visit(place);
      }
    }
  }

 private:
  static bool IsLive(const heap::BlockRecord& record);

  static constexpr unsigned kTopShift = sizeof(uintptr_t) == 8 ? 32 : 30;
  static constexpr size_t kTopEntries =
      size_t{1} << (heap::PageMap::kAddressBits - kTopShift);
  static constexpr uintptr_t kLeafMask = (uintptr_t{1} << kTopShift) - 1;
  static constexpr uint32_t kForeign = UINT32_MAX;

  // The number noted for an address; null: no memory for its table.
  uint32_t* NumberOf(uintptr_t address);
  bool AddSpan(heap::Span* span);

  heap::Heap* heap_ = nullptr;
  ScanMemory* memory_ = nullptr;
  unsigned unit_log2_ = 0;
  uintptr_t before_ = 0;  // 1 where blocks have redzones before them
  uint32_t** top_ = nullptr;
  SpanEntry* entries_ = nullptr;  // from number 1 on
  uint32_t count_ = 0;
  size_t live_blocks_ = 0;
  uintptr_t lowest_ = UINTPTR_MAX;
  uintptr_t highest_ = 0;
};

}  // namespace dbgalloc::leak

#endif  // DBGALLOC_ALLOC_LEAK_BLOCK_INDEX_H_
