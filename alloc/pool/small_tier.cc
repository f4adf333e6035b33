#include "alloc/pool/small_tier.h"

#include "alloc/os/random.h"
#include "alloc/pool/pool_lock.h"

namespace dbgalloc::pool {
namespace {

// A shared list holds about so many bytes before blocks go back to their spans:
// enough for threads that pass blocks on, little enough that a thread's blocks
// lie together.
constexpr size_t kSharedBytes = size_t{64} << 10;
// The smallest blocks come and go in the largest numbers.
constexpr size_t kSharedBytesOfSmallest = size_t{512} << 10;
constexpr size_t kMinBatches = 2;
constexpr size_t kMaxBatches = 512;
// What a tally counts, with room to spare.
constexpr size_t kLargestMagazine = kMaxBatch / 2;
// A thread's first fresh blocks of a class fill about so much memory; each
// further time it takes twice as many.
constexpr size_t kFirstCarve = 4096;

constexpr size_t Clamp(size_t value, size_t low, size_t high) {
  return value < low ? low : value > high ? high : value;
}

void Reverse(uintptr_t* slots, uint32_t count) {
  for (uint32_t i = 0; i < count / 2; ++i) {
    uintptr_t block = slots[i];
    slots[i] = slots[count - 1 - i];
    slots[count - 1 - i] = block;
  }
}

}  // namespace

void SmallTier::Init(const SmallTierConfig& config, UnitMap* units,
                     const OsMemory* memory) {
  guard_.key = os::RandomNumber();
  units_ = units;
  on_fresh_ = config.on_fresh;
  on_fresh_context_ = config.on_fresh_context;
  spans_.Init(units, memory);
  // A cache has two magazines of a class at the most.
  size_t most = Clamp(config.cache_blocks / 2, 1, kLargestMagazine);
  for (SizeClass c = 1; c <= kClasses; ++c) {
    ClassStore& store = classes_[c];
    store.full.Init(config.form);
    store.empty.Init(config.form);
    size_t batch = Clamp(config.cache_bytes / 2 / ClassSize(c), 1, most);
    store.batch = static_cast<uint32_t>(batch);
    size_t shared = c <= kLinearClasses ? kSharedBytesOfSmallest : kSharedBytes;
    store.max_batches = static_cast<uint32_t>(
        Clamp(shared / (batch * ClassSize(c)), kMinBatches, kMaxBatches));
  }
}

void SmallTier::InitCache(ThreadCache& cache, unsigned number) const {
  cache.guard = guard_;
  cache.mark = static_cast<BlockState>((number % kMarks + 1) << kMakerBits);
  for (SizeClass c = 1; c <= kClasses; ++c) {
    cache.bins[c].state_shift = static_cast<uint16_t>(StateShift(c));
  }
  cache.units = units_;
}

// --- Magazines ---

uintptr_t* SmallTier::TakeEmpty(ClassStore& store) {
  Batch batch = store.empty.Pop();
  if (batch.first != 0) return SlotsOf(batch.first);
  return magazines_.Make(store.batch);
}

void SmallTier::LeaveEmpty(ClassStore& store, uintptr_t* slots) {
  store.empty.Push({LinkOfSlots(slots), 0});
}

bool SmallTier::HasMagazine(ThreadCache& cache, SizeClass size_class) {
  Bin& bin = cache.bins[size_class];
  if (bin.slots != nullptr) return true;
  bin.slots = TakeEmpty(classes_[size_class]);
  if (bin.slots == nullptr) return false;
  bin.limit = static_cast<uint16_t>(classes_[size_class].batch);
  return true;
}

// Turns each block's state from `from` to `to`. Blocks in another state are
// left out.
Finding SmallTier::ChangeStates(SizeClass size_class, uintptr_t* slots,
                                uint32_t& count, BlockState from,
                                BlockState to) {
  const unsigned shift = StateShift(size_class);
  Finding finding;
  uint32_t kept = 0;
  for (uint32_t i = 0; i < count; ++i) {
    uintptr_t block = slots[i];
    BlockState* state = StateWithShift(block, shift);
    if (__builtin_expect(LoadState(state) != from, 0)) {
      finding = {Flaw::kNotFree, block};
      continue;
    }
    StoreState(state, to);
    slots[kept++] = block;
  }
  count = kept;
  return finding;
}

// --- Into a cache ---

Finding SmallTier::Refill(ThreadCache& cache, SizeClass size_class) {
  Bin& bin = cache.bins[size_class];
  if (bin.spare_count != 0) {
    uintptr_t* empty = bin.slots;
    bin.slots = bin.spare;
    bin.tally.SetCount(bin.spare_count);
    bin.spare = empty;
    bin.spare_count = 0;
    return {};
  }
  if (!HasMagazine(cache, size_class)) return {};
  Batch batch = classes_[size_class].full.Pop();
  if (batch.first != 0) return TakeFull(cache, size_class, batch);
  Carve(cache, size_class);
  return {};
}

Finding SmallTier::TakeFull(ThreadCache& cache, SizeClass size_class,
                            const Batch& batch) {
  Bin& bin = cache.bins[size_class];
  LeaveEmpty(classes_[size_class], bin.slots);
  bin.slots = SlotsOf(batch.first);
  uint32_t count = batch.count;
  Finding finding =
      ChangeStates(size_class, bin.slots, count, kShared, cache.mark);
  bin.tally.SetCount(count);
  cache.inflow[size_class] += count;
  return finding;
}

// --- Spans ---

void SmallTier::List(ClassStore& store, Span& span) {
  span.listed = true;
  span.previous = nullptr;
  span.next = store.with_room;
  if (store.with_room != nullptr) store.with_room->previous = &span;
  store.with_room = &span;
}

void SmallTier::Unlist(ClassStore& store, Span& span) {
  span.listed = false;
  if (span.next != nullptr) span.next->previous = span.previous;
  if (span.previous != nullptr) {
    span.previous->next = span.next;
  } else {
    store.with_room = span.next;
  }
}

// In the order of addresses, from where the last search ended.
uint32_t SmallTier::CutReturned(Span& span, uintptr_t* slots, uint32_t wanted,
                                BlockState mark) {
  size_t size = ClassSize(span.size_class);
  const unsigned shift = StateShift(span.size_class);
  const uint32_t carved = span.carved_blocks();
  uint32_t count = 0;
  for (uint32_t seen = 0; seen < carved && count < wanted; ++seen) {
    if (span.cursor >= carved) span.cursor = 0;
    uintptr_t block = span.begin + span.cursor++ * size;
    BlockState* state = StateWithShift(block, shift);
    if (LoadState(state) != kInSpan) continue;
    StoreState(state, mark);
    slots[count++] = block;
    if (--span.free_count == 0) break;
  }
  return count;
}

uint32_t SmallTier::CutFresh(Span& span, uintptr_t* slots, uint32_t wanted) {
  const uint32_t carved = span.carved_blocks();
  uint32_t left = span.capacity - carved;
  uint32_t count = wanted < left ? wanted : left;
  for (uint32_t i = 0; i < count; ++i) slots[i] = span.BlockAt(carved + i);
  span.carved.store(carved + count, std::memory_order_relaxed);
  return count;
}

// Blocks that came back before fresh ones: their memory is there already.
uint32_t SmallTier::CutFromSpans(ThreadCache& cache, SizeClass size_class,
                                 uint32_t fresh_wanted, bool* are_fresh) {
  ClassStore& store = classes_[size_class];
  uintptr_t* slots = cache.bins[size_class].slots;
  PoolLockHolder holder(store.lock);
  if (store.with_room == nullptr) {
    Span* span = spans_.Take(size_class);
    if (span == nullptr) return 0;
    List(store, *span);
  }
  Span& span = *store.with_room;
  *are_fresh = span.free_count == 0;
  uint32_t count = *are_fresh
                       ? CutFresh(span, slots, fresh_wanted)
                       : CutReturned(span, slots, store.batch, cache.mark);
  if (span.available() == 0) Unlist(store, span);
  return count;
}

// Fresh blocks' first words are written after the lock is gone, since their
// pages may have to come from the system.
void SmallTier::Carve(ThreadCache& cache, SizeClass size_class) {
  Bin& bin = cache.bins[size_class];
  size_t first = kFirstCarve / ClassSize(size_class);
  size_t wanted =
      Clamp(bin.carve * size_t{2}, Clamp(first, 1, bin.limit), bin.limit);
  bool are_fresh = false;
  uint32_t count = CutFromSpans(cache, size_class,
                                static_cast<uint32_t>(wanted), &are_fresh);
  if (are_fresh) {
    bin.carve = static_cast<uint16_t>(wanted);
    for (uint32_t i = 0; i < count; ++i) {
      guard_.Set(bin.slots[i]);
      StoreState(StateOf(bin.slots[i], size_class), cache.mark);
      if (on_fresh_ != nullptr) on_fresh_(on_fresh_context_, bin.slots[i]);
    }
  }
  Reverse(bin.slots, count);  // the lowest address goes first
  bin.tally.SetCount(count);
  cache.inflow[size_class] += count;
}

// --- Out of a cache ---

Finding SmallTier::Spill(ThreadCache& cache, SizeClass size_class) {
  Bin& bin = cache.bins[size_class];
  if (bin.slots == nullptr) {
    HasMagazine(cache, size_class);
    return {};
  }
  Finding finding;
  if (bin.spare_count != 0) {
    finding = GiveUp(cache, size_class, bin.spare, bin.spare_count);
    bin.spare = nullptr;
    bin.spare_count = 0;
  }
  if (bin.spare == nullptr) bin.spare = TakeEmpty(classes_[size_class]);
  if (bin.spare == nullptr) return finding;
  uintptr_t* full = bin.slots;
  bin.slots = bin.spare;
  bin.spare = full;
  bin.spare_count = static_cast<uint16_t>(bin.tally.count());
  bin.tally.SetCount(0);
  return finding;
}

Finding SmallTier::DropTop(ThreadCache& cache, SizeClass size_class) {
  Bin& bin = cache.bins[size_class];
  uint32_t count = bin.tally.count() - 1;
  uintptr_t block = bin.slots[count];
  bin.tally.SetCount(count);
  --cache.inflow[size_class];
  bool is_mine = LoadState(StateOf(block, size_class)) == cache.mark;
  return {is_mine ? Flaw::kOverwritten : Flaw::kNotFree, block};
}

// The magazine goes, too.
Finding SmallTier::GiveUp(ThreadCache& cache, SizeClass size_class,
                          uintptr_t* slots, uint32_t count) {
  ClassStore& store = classes_[size_class];
  cache.inflow[size_class] -= count;
  Finding finding = ChangeStates(size_class, slots, count, cache.mark, kShared);
  if (count != 0 && store.full.batches() < store.max_batches) {
    store.full.Push({LinkOfSlots(slots), count});
    return finding;
  }
  GiveToSpans(size_class, slots, count);
  LeaveEmpty(store, slots);
  return finding;
}

void SmallTier::GiveToSpans(SizeClass size_class, const uintptr_t* slots,
                            uint32_t count) {
  ClassStore& store = classes_[size_class];
  PoolLockHolder holder(store.lock);
  for (uint32_t i = 0; i < count; ++i) {
    Span& span = *SpanStore::Find(slots[i]);
    StoreState(StateOf(slots[i], size_class), kInSpan);
    ++span.free_count;
    if (!span.listed) List(store, span);
    if (span.all_free()) {
      Unlist(store, span);
      spans_.GiveBack(&span);
    }
  }
}

Finding SmallTier::Flush(ThreadCache& cache) {
  Finding finding;
  for (SizeClass c = 1; c <= kClasses; ++c) {
    Bin& bin = cache.bins[c];
    struct Part {
      uintptr_t* slots;
      uint32_t count;
    };
    for (Part part : {Part{bin.slots, bin.tally.count()},
                      Part{bin.spare, bin.spare_count}}) {
      if (part.count == 0) continue;
      cache.inflow[c] -= part.count;
      Finding found =
          ChangeStates(c, part.slots, part.count, cache.mark, kShared);
      GiveToSpans(c, part.slots, part.count);
      if (found) finding = found;
    }
    bin.tally.SetCount(0);
    bin.spare_count = 0;
  }
  return finding;
}

void SmallTier::Trim() {
  for (SizeClass c = 1; c <= kClasses; ++c) {
    for (;;) {
      Batch batch = classes_[c].full.Pop();
      if (batch.first == 0) break;
      GiveToSpans(c, SlotsOf(batch.first), batch.count);
      LeaveEmpty(classes_[c], SlotsOf(batch.first));
    }
  }
}

void SmallTier::Destroy() {
  spans_.Destroy();
  magazines_.Destroy();
}

// --- Fork ---

void SmallTier::PrepareFork() {
  for (ClassStore& store : classes_) {
    store.lock.Lock();
    store.full.lock().Lock();
    store.empty.lock().Lock();
  }
  magazines_.lock().Lock();
  spans_.lock().Lock();
}

void SmallTier::FinishFork() {
  spans_.lock().Unlock();
  magazines_.lock().Unlock();
  for (ClassStore& store : classes_) {
    store.empty.lock().Unlock();
    store.full.lock().Unlock();
    store.lock.Unlock();
  }
}

}  // namespace dbgalloc::pool
