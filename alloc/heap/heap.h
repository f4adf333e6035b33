// The heap: where blocks lie and what is recorded of them. It hands out slots
// and large spans, finds the record of any address, and lets freed memory age;
// what a misuse is, the floor above decides.
//
//   Reserve -> caller writes redzones and record, stores kLive
//   Find    -> caller checks, stores kFreed -> Recede -> quarantine -> retired
#ifndef DBGALLOC_ALLOC_HEAP_HEAP_H_
#define DBGALLOC_ALLOC_HEAP_HEAP_H_

#include <cstddef>
#include <cstdint>

#include "alloc/heap/fork_gate.h"
#include "alloc/heap/guarded_slots.h"
#include "alloc/heap/heap_config.h"
#include "alloc/heap/lane.h"
#include "alloc/heap/lane_table.h"
#include "alloc/heap/quarantine.h"
#include "alloc/heap/span.h"
#include "alloc/heap/span_store.h"

namespace dbgalloc::heap {

// One block: its span and its record there. Two words, so that it travels in
// registers. Invalid when `record` is null.
struct BlockRef {
  Span* span = nullptr;
  BlockRecord* record = nullptr;

  explicit operator bool() const { return record != nullptr; }
  uint32_t slot() const {
    return static_cast<uint32_t>(record - span->records);
  }
};
static_assert(sizeof(BlockRef) == 2 * sizeof(void*));

// Where the bytes of a block lie. All addresses, [begin, end).
struct BlockLayout {
  uintptr_t redzone_begin = 0;  // the redzone before
  uintptr_t user_begin = 0;
  uintptr_t user_end = 0;     // as requested
  uintptr_t redzone_end = 0;  // the redzone behind, slack included
};

// Told of freed memory that is about to leave, while it can still be read.
class LeavingObserver {
 public:
  virtual void OnLeaving(Span* span, uint32_t granules) = 0;

 protected:
  ~LeavingObserver() = default;
};

struct HeapCounters {
  uint64_t allocations = 0;
  uint64_t frees = 0;
  uint64_t allocated_bytes = 0;
  uint64_t freed_bytes = 0;
  uint64_t live_blocks = 0;
  uint64_t live_bytes = 0;
  uint64_t peak_blocks = 0;
  uint64_t peak_bytes = 0;
};

// Thread-safe. Memory comes from the backing allocator only.
class Heap {
 public:
  // Blocks lie in memory of `backing`, everything that is known of them in
  // memory of `metadata`.
  void Init(Allocator* backing, Allocator* metadata, const HeapConfig& config,
            LeavingObserver* observer);

  // Operations from now on have numbers above all earlier ones'; returns the
  // lowest. For a process that has one thread.
  uint64_t StartNewNumbers();

  // The same while other threads go on: an operation that begins after the call
  // returned has the returned number or a higher one, earlier ones have lower
  // ones.
  uint64_t SkipNumbers() {
    constexpr uint64_t kSkipped = kNumberSlack + 1;
    return numbers_.fetch_add(kSkipped) + kSkipped;
  }

  // The lane of a thread; null: the backing allocator refused.
  Lane* LaneOf(uint32_t thread) { return lanes_.Get(thread); }
  // The lane that is the thread's own; null where it has none, or none yet.
  Lane* OwnLaneOf(uint32_t thread) const {
    Lane* lane = lanes_.Find(thread);
    return lane == nullptr || lane->shared ? nullptr : lane;
  }

  // When an operation was.
  TimeAgo When(uint64_t number) { return times_.When(number); }

  // Number of the next heap operation. Numbers are unique; in a program with
  // one thread they are consecutive from 1, in others they follow each other
  // to within kNumberSlack operations.
  uint64_t NextNumber(Lane& lane) {
    PeekNumber(lane);
    return lane.next_number++;
  }
  // What NextNumber is going to be; the lane has it at hand from now on.
  [[gnu::always_inline]] uint64_t PeekNumber(Lane& lane) {
    if (__builtin_expect(
            lane.next_number == lane.end_number ||
                numbers_.load(std::memory_order_relaxed) - lane.next_number >
                    kNumberSlack,
            0)) {
      TakeNumbers(lane);
    }
    return lane.next_number;
  }

  // A number that the thread's next operation is not below. Takes none, and no
  // lock.
  uint64_t LatestNumber(uint32_t thread) const;

  // A slot or a large span for `size` bytes at `alignment` (a power of two of
  // at least kGranule); its record is the caller's to write. Invalid: refused.
  BlockRef Reserve(Lane& lane, size_t size, size_t alignment, size_t room = 0) {
    if (__builtin_expect(!IsSmall(size, alignment), 0)) {
      return ReserveLarge(size, alignment, room);
    }
    // An empty block has an address of its own, too, which must lie in its
    // slot.
    size_t size_class = SizeClassOf(size + (size == 0) + alignment - kGranule);
    Span* span = lane.current[size_class];
    if (__builtin_expect(span == nullptr, 0)) {
      span = Refill(lane, size_class);
      if (span == nullptr) return {};
    }
    uint32_t slot = span->next_slot.load(std::memory_order_relaxed);
    TakeSlot(lane, span, slot);
    return {span, &span->records[slot]};
  }
  // The next slot of a span that the lane hands out from is taken. A full span
  // is let go at once: when its last block is freed it may become another span.
  static void TakeSlot(Lane& lane, Span* span, uint32_t slot) {
    span->next_slot.store(slot + 1, std::memory_order_release);
    if (__builtin_expect(slot + 1 == span->slot_count, 0)) {
      lane.current[span->size_class] = nullptr;
    }
  }

  bool IsSmall(size_t size, size_t alignment) const {
    return size <= config_.max_small() && alignment <= config_.max_small() &&
           size + alignment - kGranule <= config_.max_small();
  }

  // The same for a block that ends or begins at an inaccessible page;
  // `alignment` is any power of two.
  BlockRef ReserveGuarded(size_t size, size_t alignment, GuardSide side);
  // Bytes of pages that live guarded blocks in slots have.
  size_t guarded_bytes() const { return guarded_.open_bytes(); }

  // The block whose slot or span holds the address, whatever its state; any
  // value may be asked for.
  BlockRef Find(uintptr_t address) const {
    return BlockIn(store_.Find(address).span, address);
  }
  // The same, asking first where this lane found its last block.
  BlockRef Find(Lane& lane, uintptr_t address) const {
    Span* span = FindSpan(lane, address);
    if (span != nullptr && span->retired.load(std::memory_order_relaxed)) {
      span = store_.Find(address).span;
      lane.recent.store(span, std::memory_order_relaxed);
    }
    return BlockIn(span, address);
  }
  // The span alone. Where it is a retired one, there may be a newer one, too;
  // but then the record of the address there says that it was freed.
  Span* FindSpan(Lane& lane, uintptr_t address) const {
    Span* span = lane.recent.load(std::memory_order_relaxed);
    if (__builtin_expect(span == nullptr || !span->Contains(address), 0)) {
      span = store_.Find(address).span;
      lane.recent.store(span, std::memory_order_relaxed);
    }
    return span;
  }
  // Whether a block was there whose record is gone.
  bool IsForgotten(uintptr_t address) const {
    return store_.Find(address).forgotten;
  }
  // The used blocks around an address: the last one that begins at or below
  // it, and the first one above; as far as the neighbouring spans.
  struct Neighbours {
    BlockRef below;
    BlockRef above;
  };
  Neighbours FindAround(uintptr_t address) const;

  // The used block nearest to an address that lies in none.
  BlockRef FindNearest(uintptr_t address) const;

  BlockLayout LayoutOf(const BlockRef& block) const {
    if (__builtin_expect(!block.span->is_small, 0)) {
      return OtherLayoutOf(block);
    }
    return SlotLayout(*block.span, block.span->SlotBegin(block.slot()),
                      block.record->head());
  }
  // Of a slot that begins at `begin` and whose record says `head`.
  BlockLayout SlotLayout(const Span& span, uintptr_t begin,
                         BlockHead head) const {
    BlockLayout layout;
    layout.redzone_begin = begin;
    layout.user_begin = begin + config_.redzone;
    if (__builtin_expect(head.alignment_log2() > kGranuleLog2, 0)) {
      layout.user_begin = RoundUp(layout.user_begin, head.alignment());
    }
    layout.user_end = layout.user_begin + head.size();
    layout.redzone_end = begin + span.stride + config_.redzone;
    return layout;
  }
  uint64_t SizeOf(const BlockRef& block) const {
    return block.span->is_large
               ? block.span->large_size.load(std::memory_order_relaxed)
               : block.record->head().size();
  }
  uintptr_t UserBegin(const BlockRef& block) const {
    if (!block.span->is_small) return OtherLayoutOf(block).user_begin;
    return RoundUp(block.span->SlotBegin(block.slot()) + config_.redzone,
                   block.record->head().alignment());
  }

  // Tries to make the block able to hold `size` bytes where it lies, its state
  // being kChanging. Large blocks stay large, small ones in their slot.
  bool FitInPlace(const BlockRef& block, size_t size);
  // Sets the requested size of a block whose state is kChanging.
  static void SetSize(const BlockRef& block, size_t size) {
    if (block.span->is_large) {
      block.span->large_size.store(size, std::memory_order_relaxed);
    } else {
      block.record->SetHead(block.record->head().WithSize(size));
    }
  }

  // The block was freed (state kFreed): its memory ages.
  void Recede(Lane& lane, const BlockRef& block) {
    if (block.span->is_large) {
      LeaveGranules(block.span, 0, 0);
    } else {
      uintptr_t begin = block.span->SlotBegin(block.slot());
      RecedeSlot(lane, block.span, begin,
                 begin + block.span->stride + config_.redzone);
    }
  }
  // The same for a slot of a small span, [begin, end) with the redzone behind.
  // One more free in the granule of the last one is only noted, unless no other
  // block is left there.
  [[gnu::always_inline]] void RecedeSlot(Lane& lane, Span* span,
                                         uintptr_t begin, uintptr_t end) {
    if (__builtin_expect(begin < lane.pending_begin || end > lane.pending_end,
                         0)) {
      LeaveElsewhere(lane, span, begin, end);
    } else {
      LeavePending(lane, span);
    }
  }
  // The same, but the memory of a large or guarded block goes at once; later
  // when the calling thread is in the middle of a look at it.
  void RetireNow(const BlockRef& block, uint32_t thread);

  // Releases everything in the quarantine and gives `bytes` of address space
  // back. False: there was nothing to give.
  bool MakeRoom(size_t bytes);

  void ForgetRetained() { store_.ForgetRetained(); }

  // Lets the next thread take over the spans of a thread that ends.
  void ReleaseLane(uint32_t thread);

  // To be asked before the lane counts bytes as freed: whether the heap may
  // hold more than ever.
  static bool MayBeAtPeak(const Lane& lane) {
    return static_cast<int64_t>(lane.allocated_bytes.value() -
                                lane.freed_bytes.value()) > lane.peak_mark;
  }
  // Finds out whether it does. The peak is exact to within one part in 256 of
  // it, and 64 KiB for each further thread.
  void NotePeak(Lane& lane);

  HeapCounters SumCounters() const;
  size_t quarantine_bytes() const { return quarantine_.held_bytes(); }
  const HeapConfig& config() const { return config_; }
  SpanStore& store() { return store_; }
  const SpanStore& store() const { return store_; }

  // Waits until no span is being released or looked at, then holds every lock;
  // for fork.
  void LockAll();
  void UnlockAll();
  ForkGate& fork_gate() { return fork_gate_; }

 private:
  static constexpr uint64_t kNumberSlack = 512;

  void TakeNumbers(Lane& lane);
  uint64_t EarliestNumber() const;
  void StartTimes();
  Span* Refill(Lane& lane, size_t size_class);
  Span* TakeOrphan(size_t size_class);
  BlockRef ReserveLarge(size_t size, size_t alignment, size_t room);
  BlockLayout OtherLayoutOf(const BlockRef& block) const;
  BlockLayout LargeLayoutOf(const BlockRef& block) const;
  BlockLayout GuardedLayoutOf(const BlockRef& block) const;
  BlockRef LastUsedIn(Span* span, uintptr_t address) const;
  BlockRef FirstUsedIn(Span* span, uintptr_t address) const;
  void RetireGuardedSlot(const BlockRef& block);
  bool FitsInGuardedSlot(const BlockRef& block, size_t size) const;
  static BlockRef BlockIn(Span* span, uintptr_t address) {
    if (__builtin_expect(span == nullptr || !span->Contains(address), 0)) {
      return {};
    }
    if (__builtin_expect(span->is_large, 0)) {
      return {span, &span->records[0]};
    }
    uint32_t slot =
        span->SlotOf(address - span->begin.load(std::memory_order_relaxed));
    if (__builtin_expect(slot >= span->slot_count, 0)) return {};
    return {span, &span->records[slot]};
  }
  void LeavePending(Lane& lane, Span* span) {
    if (__builtin_expect(++lane.pending_frees ==
                             span->granule_slots[lane.pending_granule].load(
                                 std::memory_order_relaxed),
                         0)) {
      SettlePending(lane);
    }
  }
  void LeaveElsewhere(Lane& lane, Span* span, uintptr_t begin, uintptr_t end);
  void SettlePending(Lane& lane);
  static void Claim(Span* span);
  void LeaveGranules(Span* span, size_t first, size_t last);
  void ReleaseExcess();
  void LeaveMemory();
  void Release(const Leaving& leaving);
  void ReleaseChunk(Chunk* chunk);

  HeapConfig config_;
  SpanStore store_;
  Quarantine quarantine_;
  GuardedSlots guarded_;
  LeavingObserver* observer_ = nullptr;
  ForkGate fork_gate_;
  OperationTimes times_;
  std::atomic<bool> knows_memory_limit_{false};
  std::atomic<uint64_t> numbers_{1};
  std::atomic<uint64_t> peak_blocks_{0};
  std::atomic<uint64_t> peak_bytes_{0};
  base::SpinLock orphan_lock_;
  std::atomic<Span*> orphans_[kMaxClasses] = {};
  LaneTable lanes_;
};

}  // namespace dbgalloc::heap

#endif  // DBGALLOC_ALLOC_HEAP_HEAP_H_
