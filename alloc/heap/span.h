// A run of memory taken from the backing allocator for blocks.
//
// Small span, one size class, slots handed out in order and once each:
//
//   begin                                                        begin + size
//   | redzone | slot 0 ..... | redzone | slot 1 ..... | redzone |  unused   |
//             user | slack             user | slack
//   |<------- stride ------->|<------- stride ------->|
//
// A redzone between two slots is shared: it lies behind one block and before
// the next. Slack behind the requested size counts as redzone too.
//
// Guarded span, slots of whole pages, all inaccessible but those of live
// blocks, which end or begin where their page does:
//
//   | guard | redzone, user | guard | redzone, user | guard | ... | guard |
//     page   page(s) of 0     page    page(s) of 1
//   |<------- stride ------->|<------- stride ----->|
//
// Large span, one block:
//
//   | guard page | .. redzone | user | slack .. | guard to the end |
#ifndef DBGALLOC_ALLOC_HEAP_SPAN_H_
#define DBGALLOC_ALLOC_HEAP_SPAN_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "alloc/heap/block_record.h"

namespace dbgalloc::heap {

// A span is accounted for in at most this many equal granules: freed memory
// goes back to the system granule by granule.
inline constexpr size_t kMaxGranules = 32;

struct Chunk;
struct MetadataSlab;

// Where the block of a guarded slot lies.
struct GuardedSlot {
  uint32_t offset = 0;  // of the user region in the slot's data pages
  std::atomic<bool> is_open{false};  // the data pages are accessible
};

// Span structures are never unmapped while the heap lives, only used again: a
// stale pointer to one is safe to read, and Contains() tells whether it still
// means the same memory.
struct alignas(64) Span {
  // Set before the span is registered; unchanged until it is forgotten.
  std::atomic<uintptr_t> begin{0};
  size_t size = 0;
  BlockRecord* records = nullptr;
  ResizeRecord* resizes = nullptr;  // null unless HeapConfig.record_resizes
  GuardedSlot* guarded = nullptr;   // guarded spans of slots only
  uint64_t reciprocal = 0;          // slot of an offset, see SlotOf()
  uint32_t stride = 0;
  uint32_t slot_count = 0;
  uint16_t size_class = 0;
  bool is_small = true;     // slots side by side, the common kind
  bool is_large = false;    // one block
  bool is_guarded = false;  // blocks against inaccessible pages; may be large
  bool zeroed = false;      // memory that no slot has used yet is zero
  std::atomic<bool> retired{false};  // all of its memory is gone

  // Only the lane that hands out slots changes it.
  std::atomic<uint32_t> next_slot{0};

  // What the numbers in its records are told from; not above any of them.
  uint64_t first_number = 0;

  // Large spans only.
  uintptr_t large_user_begin = 0;
  std::atomic<uint64_t> large_size{0};  // requested bytes
  uintptr_t large_front = 0;            // where the redzone before begins
  uintptr_t large_usable_end = 0;       // where the guard behind begins
  uintptr_t large_most_end = 0;         // the block may not grow beyond

  // Accounting of freed memory; bit masks are under the quarantine's lock.
  uint32_t all_granules = 0;       // granules that exist
  uint32_t idle_granules = 0;      // every slot in them was freed
  uint32_t released_granules = 0;  // their memory is gone
  uint32_t unused_granules = 0;    // no slot reaches them; never touched
  bool queued = false;
  // Freed without the fill, since the memory goes at once.
  std::atomic<bool> unfilled{false};
  std::atomic<bool> claimed{false};  // one thread verifies or releases it
  // The thread that tells of a block in it, plus one; it has the claim.
  std::atomic<uint32_t> reporting_thread{0};
  Span* queue_next = nullptr;
  Span* queue_previous = nullptr;

  // Under the heap's orphan lock.
  Span* orphan_next = nullptr;

  // Under the span store's lock.
  Chunk* chunk = nullptr;
  Span* chunk_next = nullptr;           // among the spans of the chunk
  MetadataSlab* own_slab = nullptr;     // where this structure lies
  MetadataSlab* record_slab = nullptr;  // where its records lie
  Span* live_previous = nullptr;        // among spans that still have memory
  Span* live_next = nullptr;
  Span* retained_previous = nullptr;  // among retired spans, oldest first
  Span* retained_next = nullptr;
  bool retained = false;

  // Every granule is idle, and the memory of none is gone yet.
  bool is_idle_whole() const {
    return idle_granules == all_granules &&
           released_granules == unused_granules;
  }

  // Slots that overlap each granule and were not freed yet.
  std::atomic<uint32_t> granule_slots[kMaxGranules] = {};

  bool Contains(uintptr_t address) const {
    return address - begin.load(std::memory_order_relaxed) < size;
  }

  // Slots from here on were never handed out; their records are not even
  // resident.
  uint32_t used_slots() const {
    return is_large ? 1 : next_slot.load(std::memory_order_acquire);
  }

  // Division by the stride as a multiplication: exact for offsets below 2^22
  // (kMaxSpanSize) with 44 fraction bits.
  uint32_t SlotOf(uint64_t offset) const {
    return static_cast<uint32_t>((offset * reciprocal) >> 44);
  }
  static uint64_t ReciprocalOf(uint32_t stride) {
    return ((uint64_t{1} << 44) + stride - 1) / stride;
  }

  uintptr_t SlotBegin(uint32_t slot) const {
    return begin.load(std::memory_order_relaxed) + uintptr_t{slot} * stride;
  }

  bool TryClaim() { return !claimed.exchange(true, std::memory_order_acquire); }
  bool IsReportedBy(uint32_t thread) const {
    return reporting_thread.load(std::memory_order_relaxed) == thread + 1;
  }
  void Unclaim() { claimed.store(false, std::memory_order_release); }
};

// What was taken from the backing allocator in one piece: several small spans,
// or one large one.
struct Chunk {
  uintptr_t begin = 0;
  size_t size = 0;
  size_t alignment = 0;
  uint16_t span_count = 0;     // spans that fit
  uint16_t carved = 0;         // spans made so far
  uint16_t warm = 0;           // next ones whose pages are there already
  uint16_t moved = 0;          // mappings that moving pages there has made
  uint16_t retired_count = 0;  // of them retired
  uint16_t idle_count = 0;     // held with no live slot; quarantine's lock
  bool retired = false;
  Chunk* previous = nullptr;  // among all chunks, or among retired ones
  Chunk* next = nullptr;
  Span* spans = nullptr;  // the latest made first
};
static_assert(sizeof(Chunk) <= 64, "each large block has one");

}  // namespace dbgalloc::heap

#endif  // DBGALLOC_ALLOC_HEAP_SPAN_H_
