// The inside of DebugHeap; included by the files that implement it.
#ifndef DBGALLOC_ALLOC_DEBUG_DEBUG_HEAP_BODY_H_
#define DBGALLOC_ALLOC_DEBUG_DEBUG_HEAP_BODY_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "alloc/debug/claim_check.h"
#include "alloc/debug/debug_heap.h"
#include "alloc/debug/guard_policy.h"
#include "alloc/debug/operation_watch.h"
#include "alloc/debug/patterns.h"
#include "alloc/debug/redzone_check.h"
#include "alloc/heap/heap.h"

namespace dbgalloc::debug {

using heap::BlockHead;
using heap::BlockLayout;
using heap::BlockRecord;
using heap::BlockRef;
using heap::BlockState;
using heap::Lane;
using heap::LaneUse;
using heap::PackedNumber;
using heap::Span;

// Blocks up to this size are filled whole; of larger ones only what lies in
// their first and last piece of kFillEdge bytes: they have pages of their own,
// and touching all of a buffer that is hardly used would make it resident. When
// freed, larger ones become inaccessible at once instead.
inline constexpr size_t kFillLimit = size_t{32} << 10;
inline constexpr size_t kFillEdge = 4096;

// Of a block above that size.
inline void WriteEdges(const Pattern& fill, uintptr_t begin, uintptr_t end) {
  fill.Write(begin, (begin + kFillEdge) & ~(kFillEdge - 1));
  fill.Write((end - 1) & ~(kFillEdge - 1), end);
}

// One operation on the heap: who, where, and its number once it has one.
struct Call {
  const CallerFrame& caller;
  Operation operation;
  uint32_t thread = 0;
  uint32_t stack = 0;
  uint64_t number = 0;
  Lane* lane = nullptr;  // null: the backing allocator refused one
};

// A block that an operation may go on with, and where its bytes lie.
struct CheckedBlock {
  BlockRef block;
  BlockLayout layout;
  explicit operator bool() const { return static_cast<bool>(block); }
};

// Memory that is looked at, [low, high), and for what.
struct CheckedRange {
  uintptr_t low = 0;
  uintptr_t high = 0;
  bool freed_only = false;
  bool fills = true;  // freed bytes were filled, and that is to be checked
};

// Bytes that lost their pattern, as they were before it was mended.
struct DamagedMemory {
  Damage damage;
  MemoryContents around;
};

class DebugHeap::Body final : public DebugHeap, public heap::LeavingObserver {
 public:
  Body() = default;

  bool Init(Allocator* backing, const Options& options, const HeapHost& host);

  // --- small_path.h: what nearly every operation is ---
  // By value: what is known where they are inlined is not asked again.
  void* AllocateSmall(AllocationRequest request, const CallerFrame& caller,
                      uint32_t thread);
  bool FreeSmall(uintptr_t address, FreeClaim claim, const CallerFrame& caller,
                 uint32_t thread);

  // --- debug_heap.cc: allocation ---
  [[gnu::noinline]] void* AllocateAny(const AllocationRequest& request,
                                      const CallerFrame& caller);
  void* Allocate(const AllocationRequest& request, Call& call);
  BlockRef Reserve(const AllocationRequest& request, Call& call);
  BlockRef TryReserve(const AllocationRequest& request, Call& call);
  BlockRef ReserveWithRoom(const AllocationRequest& request, Call& call);
  uintptr_t Complete(const BlockRef& block, const AllocationRequest& request,
                     const Call& call, bool contents_kept);
  uintptr_t Publish(const BlockRef& block, const AllocationRequest& request,
                    const Call& call, bool contents_kept);
  void CoverNextRedzone(const BlockRef& block);
  void Prepare(const Span& span, uintptr_t user, size_t size, bool zeroed,
               bool fills);
  bool TakeFromLimit(uint64_t bytes);
  void GiveToLimit(uint64_t bytes);

  // --- guarded_blocks.cc: blocks against inaccessible pages ---
  void InitGuards(const Options& options);
  void TellSeed() const;
  bool IsAboveGuardMemory(size_t bytes);
  void WarnOfMissingGuards(bool memory_is_used_up);
  // Whether the next allocation may be one to guard.
  static bool GuardIsDue(const Lane& lane) {
    return lane.allocations.value() >= lane.next_guarded;
  }
  BlockRef ReserveGuarded(const AllocationRequest& request, Call& call);
  uintptr_t CompleteGuarded(const BlockRef& block,
                            const AllocationRequest& request, const Call& call,
                            bool contents_kept);
  void PrepareGuarded(const BlockRef& block, const AllocationRequest& request,
                      const BlockLayout& layout);

  // --- hot_path.h and deallocate.cc: checks at free, resize and the like ---
  [[gnu::noinline]] void FreeAny(uintptr_t address, const FreeClaim& claim,
                                 const CallerFrame& caller);
  // The live block that begins at `address`; after a report an invalid one.
  CheckedBlock Check(uintptr_t address, const FreeClaim& claim, Call& call);
  void FreeBlock(const BlockRef& block, const BlockLayout& layout, Call& call,
                 bool contents_gone);
  void CheckRedzones(const BlockRef& block, const BlockLayout& layout,
                     Call& call);
  void ReportRedzones(const BlockRef& block, const BlockLayout& layout,
                      Call& call);
  void CountFree(uint64_t size, Call& call);
  bool LeavesAtFree(const BlockRef& block, uint64_t size) const;

  // --- resize.cc ---
  bool ResizeBlock(const BlockRef& block, size_t new_size, Call& call);
  bool ResizeInPlace(const BlockRef& block, size_t new_size, Call& call);
  void CoverAfterResize(const BlockRef& block, uint64_t old_size);
  void* Change(void* block, const AllocationRequest& request,
               const FreeClaim& claim, bool may_copy, Call& call);
  Call RecordMove(const BlockRef& from, const BlockRef& to, const Call& call);
  size_t RoomToGrow(size_t size) const;
  bool MovePages(const BlockRef& from, const BlockRef& to);
  void* MoveBlock(const BlockRef& from, const BlockRef& to,
                  const AllocationRequest& request, Call& call);

  // --- heap_check.cc ---
  void OnLeaving(Span* span, uint32_t granules) override;
  size_t CheckSpan(Span* span, uint32_t granules, bool freed_only, Call& call);
  size_t CheckSlots(Span* span, const CheckedRange& range, Call& call);
  size_t CheckGuardedSlots(Span* span, const CheckedRange& range, Call& call);
  bool CheckBlock(const BlockRef& block, const BlockLayout& layout,
                  BlockState state, const CheckedRange& range, Call& call);
  bool CheckFill(const BlockRef& block, uintptr_t begin, uintptr_t end,
                 Call& call);
  bool IsDamaged(const BlockRef& block, const BlockLayout& layout) const;
  bool CheckRedzone(const BlockRef& left, const BlockRef& right,
                    uintptr_t begin, uintptr_t end, Call& call);
  void CheckHeapIfDue(const Call& call);

  // --- errors.cc: from what was found to a record ---
  void ReportBadPointer(uintptr_t address, const FreeClaim& claim, Call& call);
  void ReportBlock(ErrorKind kind, uintptr_t address, const BlockRef& block,
                   const FreeClaim& claim, Call& call);
  void ReportDamage(ErrorKind kind, const BlockRef& block,
                    const DamagedMemory& memory, Call& call);
  void ReportRequest(ErrorKind kind, const AllocationRequest& request,
                     Call& call);
  void ReportAccess(ErrorRecord& record, const FaultingAccess& access);
  void Report(ErrorRecord& record, Call& call);
  BlockDescription Describe(const BlockRef& block) const;

  // --- context.cc: what lies around, and when things happened ---
  void AddNeighbours(const BlockRef& block, ErrorRecord& record) const;
  void AddPointer(ErrorRecord& record) const;
  void AddTime(HeapEvent& event);
  void AddTimes(BlockDescription& block);
  void AddTimes(ErrorRecord& record);

  // --- who calls ---
  uint32_t Thread() const {
    return host_.current_thread == nullptr ? 0 : host_.current_thread();
  }
  // The id of the calling stack; 0 where none is kept.
  uint32_t Stack(const CallerFrame& caller) const {
    return stack_frames_ == 0 ? 0 : host_.record_stack(caller, stack_frames_);
  }
  Call Begin(const CallerFrame& caller, Operation operation);
  void CheckOwner(uintptr_t address, const FreeClaim& claim, Call& call);
  uint64_t Number(Call& call);

  // --- observe.cc: what was asked to be told of, where is_observed_ ---
  void Observe(OperationTrace::Deed deed, const BlockRef& block, Call& call);
  void Log(std::string_view what, uintptr_t address, uint64_t size,
           const Call& call) const;

  // Whether a check that is made for `blocks` is made for this one.
  [[gnu::always_inline]] bool Covers(CheckedBlocks blocks,
                                     const BlockRecord& record) const {
    return __builtin_expect(blocks == CheckedBlocks::kAll, 1) ||
           (blocks == CheckedBlocks::kInWindow &&
            watch_.InWindow(record.alloc_stack));
  }

  heap::Heap heap_;
  HeapHost host_;
  Allocator* backing_ = nullptr;
  Allocator* metadata_ = nullptr;
  Pattern canary_;
  Pattern alloc_fill_;
  Pattern free_fill_;
  HeapPatterns patterns_;
  ClaimRules rules_;
  bool safety_ = true;
  bool redzones_ = true;
  CheckedBlocks alloc_filled_ = CheckedBlocks::kAll;
  CheckedBlocks free_filled_ = CheckedBlocks::kAll;
  bool check_free_fill_ = true;
  bool verbose_log_ = false;
  bool is_observed_ = false;  // verbose_log, break_at or trace_alloc
  bool check_threads_ = false;
  uint32_t stack_frames_ = 0;  // 0: none, or the host records none
  uint64_t max_allocation_size_ = 0;
  uint64_t check_every_ = 0;

  // Blocks below this size go by small_path.h; 0: none does, since something is
  // on that looks at each operation.
  std::atomic<size_t> small_end_{0};
  std::atomic<bool> limited_{false};
  std::atomic<uint64_t> limit_{0};
  std::atomic<uint64_t> limited_bytes_{0};  // requested, while limited_
  std::atomic<uint64_t> errors_{0};

  OperationWatch watch_;

  GuardPolicy guards_;
  bool has_guards_ = false;
  std::atomic<uint64_t> guard_memory_{0};  // 0: not known yet
  std::atomic<bool> warned_of_guards_{false};

  static constexpr uint32_t kNoOwner = UINT32_MAX;
  std::atomic<uint32_t> owner_{kNoOwner};
  // What the owner did last; written by it alone, read by whoever misuses.
  std::atomic<bool> owner_seen_{false};
  std::atomic<uint32_t> owner_stack_{0};
};

}  // namespace dbgalloc::debug

#endif  // DBGALLOC_ALLOC_DEBUG_DEBUG_HEAP_BODY_H_
