#include "alloc/heap/heap.h"

#include "alloc/base/check.h"

namespace dbgalloc::heap {
namespace {

constexpr uint32_t kNumbersAtOnce = 256;
// How far around a stray address the nearest block is looked for, in spans.
constexpr size_t kNearUnits = 64;
// How much may go unnoticed by the peak, a lane; see NotePeak.
constexpr int64_t kPeakParts = 256;
constexpr int64_t kPeakSlack = int64_t{64} << 10;

uint64_t Difference(uint64_t more, uint64_t less) {
  return more > less ? more - less : 0;
}

template <typename T>
void RaiseTo(std::atomic<T>& highest, T value) {
  T known = highest.load(std::memory_order_relaxed);
  while (known < value && !highest.compare_exchange_weak(
                              known, value, std::memory_order_relaxed)) {
  }
}

}  // namespace

void Heap::Init(Allocator* backing, Allocator* metadata,
                const HeapConfig& config, LeavingObserver* observer) {
  config_ = config;
  observer_ = observer;
  store_.Init(backing, metadata, config);
  guarded_.Init(&store_);
  lanes_.Init(&store_);
  quarantine_.Init(config.never_unmap ? SIZE_MAX : config.quarantine_size);
}

// A thread that does little takes few at a time, so that the numbers of its
// operations tell when they were; a busy one rarely touches what all share.
void Heap::TakeNumbers(Lane& lane) {
  const bool has_more =
      lane.next_number == lane.end_number && lane.end_number < lane.batch_end;
  if (!has_more) {
    uint32_t count = 2 * lane.numbers_at_once;
    if (count == 0) count = 1;
    if (count > kNumbersAtOnce) count = kNumbersAtOnce;
    lane.numbers_at_once = count;
    lane.next_number = numbers_.fetch_add(count);
    lane.batch_end = lane.next_number + count;
  }
  const uint64_t run_end = lane.next_number + OperationTimes::kNumbersInRun;
  lane.end_number = run_end < lane.batch_end ? run_end : lane.batch_end;
  if (__builtin_expect(!times_.is_started(), 0)) StartTimes();
  times_.Note(lane.next_number, lane.noted_number);
  lane.noted_number = lane.next_number;
}

void Heap::StartTimes() {
  void* room = config_.clock == nullptr
                   ? nullptr
                   : store_.TakeMetadata(OperationTimes::kRoom);
  times_.Start(config_.clock, room);
}

// No operation from now on has a smaller number.
uint64_t Heap::EarliestNumber() const {
  constexpr uint64_t kReach = 2 * kNumberSlack;
  uint64_t next = numbers_.load(std::memory_order_relaxed);
  return next > kReach ? next - kReach : 0;
}

uint64_t Heap::StartNewNumbers() {
  lanes_.ForEach([](Lane& lane) {
    lane.next_number = lane.end_number;
    lane.batch_end = lane.end_number;
  });
  return numbers_.load();
}

uint64_t Heap::LatestNumber(uint32_t thread) const {
  const Lane* lane = OwnLaneOf(thread);
  if (lane != nullptr && lane->next_number != 0) return lane->next_number;
  return numbers_.load(std::memory_order_relaxed);
}

// --- Handing out ----------------------------------------------------------

Span* Heap::TakeOrphan(size_t size_class) {
  std::atomic<Span*>& first = orphans_[size_class];
  if (first.load(std::memory_order_relaxed) == nullptr) return nullptr;
  base::SpinLockHolder holder(orphan_lock_);
  Span* span = first.load(std::memory_order_relaxed);
  if (span != nullptr) {
    first.store(span->orphan_next, std::memory_order_relaxed);
  }
  return span;
}

Span* Heap::Refill(Lane& lane, size_t size_class) {
  Span* span = TakeOrphan(size_class);
  if (span == nullptr) {
    span = store_.NewSmall(size_class);
    if (span == nullptr) return nullptr;
    span->first_number = EarliestNumber();
  }
  lane.current[size_class] = span;
  return span;
}

BlockRef Heap::ReserveLarge(size_t size, size_t alignment, size_t room) {
  Span* span = store_.NewLarge(size, alignment, room);
  if (span == nullptr) return {};
  span->first_number = EarliestNumber();
  return {span, &span->records[0]};
}

// What the thread still does goes through a shared lane: it takes no span any
// more that nobody would take over.
void Heap::ReleaseLane(uint32_t thread) {
  Lane* lane = OwnLaneOf(thread);
  if (lane == nullptr) return;
  SettlePending(*lane);
  lane->recent.store(nullptr, std::memory_order_relaxed);
  {
    base::SpinLockHolder holder(orphan_lock_);
    for (size_t c = 0; c < kMaxClasses; ++c) {
      Span* span = lane->current[c];
      lane->current[c] = nullptr;
      if (span == nullptr) continue;
      span->orphan_next = orphans_[c].load(std::memory_order_relaxed);
      orphans_[c].store(span, std::memory_order_relaxed);
    }
  }
  lanes_.Release(thread);
}

// --- Looking up -----------------------------------------------------------

BlockRef Heap::FindNearest(uintptr_t address) const {
  Span* below = store_.FindBelow(address, kNearUnits);
  Span* above = store_.FindAbove(address, kNearUnits);
  BlockRef best;
  uintptr_t best_distance = UINTPTR_MAX;
  for (Span* span : {below, above}) {
    if (span == nullptr) continue;
    uintptr_t begin = span->begin.load(std::memory_order_relaxed);
    uint32_t slot = 0;
    if (!span->is_large && address > begin) {
      uintptr_t offset = address - begin;
      slot = offset >= span->size ? span->slot_count - 1 : span->SlotOf(offset);
    }
    if (slot >= span->slot_count) slot = span->slot_count - 1;
    while (slot > 0 && span->records[slot].state() == BlockState::kUnused) {
      --slot;
    }
    BlockRef block{span, &span->records[slot]};
    if (block.record->state() == BlockState::kUnused) continue;
    uintptr_t user = UserBegin(block);
    uintptr_t distance = address > user ? address - user : user - address;
    if (distance < best_distance) {
      best_distance = distance;
      best = block;
    }
  }
  return best;
}

BlockLayout Heap::LargeLayoutOf(const BlockRef& block) const {
  BlockLayout layout;
  layout.user_begin = block.span->large_user_begin;
  layout.user_end = layout.user_begin + SizeOf(block);
  layout.redzone_begin = block.span->large_front;
  layout.redzone_end = block.span->large_usable_end;
  if (layout.redzone_end > layout.user_end + kMaxLargeRedzone) {
    layout.redzone_end = layout.user_end + kMaxLargeRedzone;
  }
  return layout;
}

// --- Changing -------------------------------------------------------------

bool Heap::FitInPlace(const BlockRef& block, size_t size) {
  size_t alignment = block.record->head().alignment();
  if (alignment < kGranule) alignment = kGranule;
  if (block.span->guarded != nullptr) return FitsInGuardedSlot(block, size);
  if (!block.span->is_large) {
    BlockLayout layout = LayoutOf(block);
    uintptr_t limit = layout.redzone_end - config_.redzone;
    return size <= limit - layout.user_begin &&
           SizeClassOf(size + (size == 0) + alignment - kGranule) ==
               block.span->size_class;
  }
  if (IsSmall(size, alignment)) return false;
  uintptr_t end = UserBegin(block) + size;
  uintptr_t most_end = block.span->large_most_end;
  if (end < size || end > most_end) return false;
  end = most_end - end < config_.redzone ? most_end : end + config_.redzone;
  if (end > block.span->large_usable_end)
    return store_.GrowLarge(block.span, end);
  store_.ShrinkLarge(block.span, end);
  return true;
}

// --- Freed memory ---------------------------------------------------------

void Heap::SettlePending(Lane& lane) {
  Span* span = lane.pending_span;
  uint32_t frees = lane.pending_frees;
  lane.pending_span = nullptr;
  lane.pending_frees = 0;
  lane.pending_begin = 0;
  lane.pending_end = 0;
  if (span == nullptr) return;
  // The last one to leave a granule sees everything others wrote there.
  if (span->granule_slots[lane.pending_granule].fetch_sub(
          frees, std::memory_order_acq_rel) == frees) {
    quarantine_.Hold(span, uint32_t{1} << lane.pending_granule);
    ReleaseExcess();
  }
}

void Heap::LeaveElsewhere(Lane& lane, Span* span, uintptr_t begin,
                          uintptr_t end) {
  uintptr_t span_begin = span->begin.load(std::memory_order_relaxed);
  unsigned granule_log2 = store_.small_granule_log2();
  size_t first = (begin - span_begin) >> granule_log2;
  size_t last = (end - 1 - span_begin) >> granule_log2;
  if (first != last || lane.shared) {
    LeaveGranules(span, first, last);
    return;
  }
  SettlePending(lane);
  lane.pending_span = span;
  lane.pending_granule = static_cast<uint32_t>(first);
  lane.pending_begin = span_begin + (first << granule_log2);
  lane.pending_end = lane.pending_begin + (size_t{1} << granule_log2);
  LeavePending(lane, span);
}

void Heap::LeaveGranules(Span* span, size_t first, size_t last) {
  uint32_t idle = 0;
  for (size_t g = first; g <= last; ++g) {
    if (span->granule_slots[g].fetch_sub(1, std::memory_order_acq_rel) == 1) {
      idle |= uint32_t{1} << g;
    }
  }
  if (idle == 0) return;
  quarantine_.Hold(span, idle);
  ReleaseExcess();
}

// Under a limit on memory, as containers have one, what is kept for the sake of
// better reports leaves most of it to the program. To find the limit takes
// longer than many a program has anything to keep.
void Heap::LeaveMemory() {
  constexpr size_t kLittle = size_t{1} << 20;
  size_t kept = quarantine_.held_bytes() + store_.retained_record_bytes();
  if (kept < kLittle || knows_memory_limit_.exchange(true)) return;
  if (!store_.pages_are_ours()) return;
  size_t limit = store_.pages()->memory_limit();
  quarantine_.Lower(limit / 16);
  store_.LowerRetained(limit / 8);
}

void Heap::ReleaseExcess() {
  if (__builtin_expect(!knows_memory_limit_.load(std::memory_order_relaxed),
                       0)) {
    LeaveMemory();
  }
  for (;;) {
    Leaving leaving = quarantine_.PopExcess();
    if (leaving.span == nullptr) return;
    Release(leaving);
  }
}

// All at once: the pages move on under a new chunk, or go back, by one call to
// the system.
void Heap::ReleaseChunk(Chunk* chunk) {
  ForkGate::Pass pass(fork_gate_);
  Span* span = chunk->spans;
  for (; observer_ != nullptr && span != nullptr; span = span->chunk_next) {
    observer_->OnLeaving(span, span->all_granules & ~span->unused_granules);
  }
  store_.PassChunkOn(chunk);
  for (Span* next = chunk->spans; (span = next) != nullptr;) {
    next = span->chunk_next;
    quarantine_.Finish({span, span->all_granules});
    store_.Retire(span);
  }
}

void Heap::Release(const Leaving& leaving) {
  if (leaving.chunk != nullptr) return ReleaseChunk(leaving.chunk);
  ForkGate::Pass pass(fork_gate_);
  if (observer_ != nullptr)
    observer_->OnLeaving(leaving.span, leaving.granules);
  uint32_t used = leaving.span->all_granules & ~leaving.span->unused_granules;
  if (leaving.granules != used || !store_.PassPagesOn(leaving.span)) {
    store_.ReleaseGranules(leaving.span, leaving.granules);
  }
  if (quarantine_.Finish(leaving)) {
    store_.Retire(leaving.span);
  } else {
    leaving.span->Unclaim();
  }
}

void Heap::Claim(Span* span) {
  while (!span->TryClaim()) {
    if (dbgalloc_host_yield != nullptr) dbgalloc_host_yield();
  }
}

void Heap::RetireNow(const BlockRef& block, uint32_t thread) {
  Span* span = block.span;
  if (__builtin_expect(span->IsReportedBy(thread), 0)) {
    return LeaveGranules(span, 0, 0);
  }
  if (!span->is_large) return RetireGuardedSlot(block);
  ForkGate::Pass pass(fork_gate_);
  span->granule_slots[0].store(0, std::memory_order_relaxed);
  Claim(span);
  quarantine_.Finish({span, span->all_granules});
  store_.Retire(span);  // with its chunk, which is all its own
}

bool Heap::MakeRoom(size_t bytes) {
  bool released = false;
  for (;;) {
    Leaving leaving = quarantine_.PopAny();
    if (leaving.span == nullptr) break;
    Release(leaving);
    released = true;
  }
  if (config_.never_unmap) return false;
  return store_.RecycleAddresses(bytes) != 0 || released;
}

// --- All at once ----------------------------------------------------------

HeapCounters Heap::SumCounters() const {
  HeapCounters sum;
  lanes_.ForEach([&sum](const Lane& lane) {
    sum.allocations += lane.allocations.value();
    sum.frees += lane.frees.value();
    sum.allocated_bytes += lane.allocated_bytes.value();
    sum.freed_bytes += lane.freed_bytes.value();
  });
  // Other threads go on meanwhile: a free may be seen whose allocation was not.
  sum.live_blocks = Difference(sum.allocations, sum.frees);
  sum.live_bytes = Difference(sum.allocated_bytes, sum.freed_bytes);
  sum.peak_blocks = peak_blocks_.load(std::memory_order_relaxed);
  sum.peak_bytes = peak_bytes_.load(std::memory_order_relaxed);
  if (sum.peak_blocks < sum.live_blocks) sum.peak_blocks = sum.live_blocks;
  if (sum.peak_bytes < sum.live_bytes) sum.peak_bytes = sum.live_bytes;
  return sum;
}

void Heap::NotePeak(Lane& lane) {
  HeapCounters now = SumCounters();
  RaiseTo(peak_blocks_, now.peak_blocks);
  RaiseTo(peak_bytes_, now.peak_bytes);
  int64_t live = static_cast<int64_t>(lane.allocated_bytes.value() -
                                      lane.freed_bytes.value());
  bool alone = lanes_.own_lanes() <= 1;
  lane.peak_mark = live + live / kPeakParts + (alone ? 0 : kPeakSlack);
}

void Heap::LockAll() {
  fork_gate_.Close();
  lanes_.LockAll();
  orphan_lock_.Lock();
  guarded_.lock().Lock();
  quarantine_.lock().Lock();
  store_.lock().Lock();
  times_.lock().Lock();
}

void Heap::UnlockAll() {
  times_.lock().Unlock();
  store_.lock().Unlock();
  quarantine_.lock().Unlock();
  guarded_.lock().Unlock();
  orphan_lock_.Unlock();
  lanes_.UnlockAll();
  fork_gate_.Open();
}

}  // namespace dbgalloc::heap
