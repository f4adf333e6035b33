#include "alloc/pool/small_tier.h"

#include "alloc/os/random.h"
#include "alloc/pool/pool_lock.h"

namespace dbgalloc::pool {
namespace {

// A shared list holds so many bytes before blocks go back to their spans.
constexpr size_t kSharedBytes = size_t{512} << 10;
constexpr size_t kMinBatches = 2;
constexpr size_t kMaxBatches = 64;
// What a tally counts, with room to spare.
constexpr size_t kLongestChain = kMaxBatch / 2;
// A thread's first fresh blocks of a class fill about so much memory; each
// further time it takes twice as many.
constexpr size_t kFirstCarve = 4096;

constexpr size_t Clamp(size_t value, size_t low, size_t high) {
  return value < low ? low : value > high ? high : value;
}

uintptr_t& WordOf(uintptr_t block, int index) {
  return reinterpret_cast<uintptr_t*>(block)[index];
}

}  // namespace

void SmallTier::Init(const SmallTierConfig& config, UnitMap* units,
                     const OsMemory* memory) {
  links_.key = os::RandomNumber() | 1;
  units_ = units;
  spans_.Init(units, memory);
  for (SizeClass c = 1; c <= kClasses; ++c) {
    ClassStore& store = classes_[c];
    store.shared.Init(config.form);
    // A cache has two chains at the most.
    size_t fitting = config.cache_bytes / 2 / ClassSize(c);
    size_t batch =
        Clamp(fitting, 1, Clamp(config.cache_blocks / 2, 1, kLongestChain));
    store.batch = static_cast<uint32_t>(batch);
    store.max_batches = static_cast<uint32_t>(
        Clamp(kSharedBytes / (batch * ClassSize(c)), kMinBatches, kMaxBatches));
  }
}

void SmallTier::InitCache(ThreadCache& cache, unsigned number) const {
  constexpr unsigned kMarks = (1u << (8 - kMakerBits)) - 1;
  cache.links = links_;
  cache.mark = static_cast<uint8_t>((number % kMarks + 1) << kMakerBits);
  cache.units = units_;
  for (SizeClass c = 1; c <= kClasses; ++c) {
    Bin& bin = cache.bins[c];
    bin.limit = static_cast<uint16_t>(classes_[c].batch);
    bin.carve = static_cast<uint16_t>(
        Clamp(kFirstCarve / ClassSize(c), 1, classes_[c].batch));
  }
}

bool SmallTier::IsBlockOf(SizeClass size_class, uintptr_t address) const {
  return address % kGranule == 0 && units_->Find(address) == size_class;
}

// --- From shared memory into a cache ---

Finding SmallTier::Refill(ThreadCache& cache, SizeClass size_class) {
  Bin& bin = cache.bins[size_class];
  if (bin.spare != 0) {
    bin.head = bin.spare;
    bin.tally.SetCount(bin.spare_count);
    bin.spare = 0;
    bin.spare_count = 0;
    return {};
  }
  Batch batch = classes_[size_class].shared.Pop();
  if (batch.first != 0) return TakeBatch(cache, size_class, batch);
  return Carve(cache, size_class);
}

// Marks the chain's blocks as the cache's. A flawed one and those behind it are
// left out.
Finding SmallTier::WalkIn(ThreadCache& cache, uintptr_t chain,
                          uint32_t& count) const {
  uintptr_t last = 0;
  uintptr_t block = chain;
  for (uint32_t i = 0; i < count; ++i) {
    uint8_t* state = StateOf(block);
    Flaw flaw = Flaw::kNone;
    if (!links_.IsIntact(block)) flaw = Flaw::kBrokenLink;
    if (LoadState(state) != kShared) flaw = Flaw::kNotFree;
    if (__builtin_expect(flaw != Flaw::kNone, 0)) {
      if (last != 0) links_.Link(last, 0);
      count = i;
      return {flaw, block};
    }
    StoreState(state, cache.mark);
    last = block;
    block = LinkGuard::Next(block);
  }
  return {};
}

// Makes an ordinary chain of a batch whose first block links to other batches.
Finding SmallTier::OpenBatch(SizeClass size_class, const Batch& batch) {
  ClassStore& store = classes_[size_class];
  uintptr_t rest = WordOf(batch.first, 1) ^ links_.key;
  bool rest_is_sound =
      batch.count == 1 ? rest == 0 : IsBlockOf(size_class, rest);
  bool next_is_sound = batch.next == 0 || IsBlockOf(size_class, batch.next);
  bool count_is_sound = batch.count >= 1 && batch.count <= store.batch;
  if (__builtin_expect(rest_is_sound && next_is_sound && count_is_sound, 1)) {
    links_.Link(batch.first, rest);
    return {};
  }
  // What was installed as the list's head may be garbage.
  store.shared.Clear();
  return {Flaw::kBrokenLink, batch.first};
}

Finding SmallTier::TakeBatch(ThreadCache& cache, SizeClass size_class,
                             const Batch& batch) {
  Finding finding = OpenBatch(size_class, batch);
  if (finding) return finding;
  uint32_t count = batch.count;
  finding = WalkIn(cache, batch.first, count);
  Bin& bin = cache.bins[size_class];
  bin.head = count == 0 ? 0 : batch.first;
  bin.tally.SetCount(count);
  cache.inflow[size_class] += count;
  return finding;
}

// --- Fresh blocks ---

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

// Blocks that came back before fresh ones: their memory is there already.
SmallTier::Cut SmallTier::CutFromSpan(Span& span, uint32_t wanted,
                                      Finding& finding) {
  Cut cut;
  if (span.free_count == 0) {
    uint32_t left = span.capacity - span.carved;
    cut.count = wanted < left ? wanted : left;
    cut.fresh = span.BlockAt(span.carved);
    span.carved += cut.count;
    return cut;
  }
  cut.chain = span.free;
  uintptr_t last = 0;
  for (uintptr_t block = span.free; cut.count < wanted && block != 0;
       ++cut.count) {
    if (!links_.IsIntact(block)) {
      finding = {Flaw::kBrokenLink, block};
      span.free = 0;
      span.free_count = 0;
      if (last != 0) links_.Link(last, 0);
      return cut;
    }
    last = block;
    block = LinkGuard::Next(block);
  }
  span.free = LinkGuard::Next(last);
  span.free_count -= cut.count;
  links_.Link(last, 0);
  return cut;
}

SmallTier::Cut SmallTier::CutFromSpans(SizeClass size_class, uint32_t wanted,
                                       Finding& finding) {
  ClassStore& store = classes_[size_class];
  PoolLockHolder holder(store.lock);
  if (store.with_room == nullptr) {
    Span* span = spans_.Take(size_class);
    if (span == nullptr) return {};
    List(store, *span);
  }
  Span& span = *store.with_room;
  Cut cut = CutFromSpan(span, wanted, finding);
  if (span.available() == 0) Unlist(store, span);
  return cut;
}

// The blocks' first words are written after the lock is gone, since their pages
// may have to come from the system.
Finding SmallTier::Carve(ThreadCache& cache, SizeClass size_class) {
  Bin& bin = cache.bins[size_class];
  Finding finding;
  Cut cut = CutFromSpans(size_class, bin.carve, finding);
  bin.carve = static_cast<uint16_t>(Clamp(bin.carve * 2u, 1, bin.limit));
  uint32_t count = cut.count;
  bin.head = cut.chain;
  if (cut.fresh != 0) {
    size_t size = ClassSize(size_class);
    for (uintptr_t at = cut.fresh + (count - 1) * size;; at -= size) {
      links_.Link(at, bin.head);
      bin.head = at;
      if (at == cut.fresh) break;
    }
  }
  Finding walked = WalkIn(cache, bin.head, count);
  if (count == 0) bin.head = 0;
  bin.tally.SetCount(count);
  cache.inflow[size_class] += count;
  return finding ? finding : walked;
}

// --- From a cache into shared memory ---

Finding SmallTier::Spill(ThreadCache& cache, SizeClass size_class) {
  Bin& bin = cache.bins[size_class];
  uintptr_t older = bin.spare;
  uint32_t older_count = bin.spare_count;
  bin.spare = bin.head;
  bin.spare_count = static_cast<uint16_t>(bin.tally.count());
  bin.head = 0;
  bin.tally.SetCount(0);
  if (older == 0) return {};
  return GiveUp(cache, size_class, older, older_count);
}

// Takes the cache's mark off the chain's blocks.
Finding SmallTier::WalkOut(ThreadCache& cache, uintptr_t chain,
                           uint32_t& count) const {
  uintptr_t last = 0;
  uintptr_t block = chain;
  for (uint32_t i = 0; i < count; ++i) {
    uint8_t* state = StateOf(block);
    Flaw flaw = Flaw::kNone;
    if (!links_.IsIntact(block)) flaw = Flaw::kBrokenLink;
    if (LoadState(state) != cache.mark) flaw = Flaw::kNotFree;
    if (__builtin_expect(flaw != Flaw::kNone, 0)) {
      if (last != 0) links_.Link(last, 0);
      count = i;
      return {flaw, block};
    }
    StoreState(state, kShared);
    last = block;
    block = LinkGuard::Next(block);
  }
  return {};
}

Finding SmallTier::GiveUp(ThreadCache& cache, SizeClass size_class,
                          uintptr_t chain, uint32_t count) {
  cache.inflow[size_class] -= count;
  Finding finding = WalkOut(cache, chain, count);
  if (count == 0) return finding;
  ClassStore& store = classes_[size_class];
  Finding returned;
  if (store.shared.batches() < store.max_batches) {
    WordOf(chain, 1) = LinkGuard::Next(chain) ^ links_.key;
    store.shared.Push({chain, count});
  } else {
    returned = GiveToSpans(size_class, {chain, count});
  }
  return finding ? finding : returned;
}

// The chain is an ordinary one; its blocks' states are 0.
Finding SmallTier::GiveToSpans(SizeClass size_class, const Batch& batch) {
  ClassStore& store = classes_[size_class];
  PoolLockHolder holder(store.lock);
  uintptr_t block = batch.first;
  for (uint32_t i = 0; i < batch.count; ++i) {
    if (!links_.IsIntact(block)) return {Flaw::kBrokenLink, block};
    uintptr_t next = LinkGuard::Next(block);
    Span& span = *SpanStore::Find(block);
    links_.Link(block, span.free);
    span.free = block;
    ++span.free_count;
    if (!span.listed) List(store, span);
    if (span.all_free()) {
      Unlist(store, span);
      spans_.GiveBack(&span);
    }
    block = next;
  }
  return {};
}

Finding SmallTier::FlushBin(ThreadCache& cache, SizeClass size_class) {
  Bin& bin = cache.bins[size_class];
  Finding first;
  if (bin.head != 0) {
    uintptr_t chain = bin.head;
    uint32_t count = bin.tally.count();
    bin.head = 0;
    bin.tally.SetCount(0);
    first = GiveUp(cache, size_class, chain, count);
  }
  if (bin.spare == 0) return first;
  uintptr_t spare = bin.spare;
  bin.spare = 0;
  Finding second = GiveUp(cache, size_class, spare, bin.spare_count);
  bin.spare_count = 0;
  return first ? first : second;
}

Finding SmallTier::Flush(ThreadCache& cache) {
  Finding finding;
  for (SizeClass c = 1; c <= kClasses; ++c) {
    Finding found = FlushBin(cache, c);
    if (found) finding = found;
  }
  return finding;
}

Finding SmallTier::Trim() {
  Finding finding;
  for (SizeClass c = 1; c <= kClasses; ++c) {
    for (;;) {
      Batch batch = classes_[c].shared.Pop();
      if (batch.first == 0) break;
      Finding found = OpenBatch(c, batch);
      if (!found) found = GiveToSpans(c, batch);
      if (found) finding = found;
    }
  }
  return finding;
}

// --- Fork ---

void SmallTier::PrepareFork() {
  for (ClassStore& store : classes_) {
    store.lock.Lock();
    store.shared.lock().Lock();
  }
  spans_.lock().Lock();
}

void SmallTier::FinishFork() {
  spans_.lock().Unlock();
  for (ClassStore& store : classes_) {
    store.shared.lock().Unlock();
    store.lock.Unlock();
  }
}

}  // namespace dbgalloc::pool
