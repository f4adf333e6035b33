// A thread's own free blocks of one pool: a stack for each size class, popped
// and pushed with plain loads and stores.
//
//   bin: slots -> | block | block | ... |      a magazine; the last is the
//   newest
//        spare -> a magazine that is full, or empty, or none
//
//   a free block: | address ^ key | ...
//
// A full magazine becomes the spare, and the one before it goes to the shared
// list as a whole; an empty one is exchanged for the spare first. So a thread
// whose use swings around the limit does not touch shared memory at each swing.
//
// Nothing in a free block is followed, so writing to it misleads nobody; its
// first word tells that the program did. The block's state (block_state.h)
// tells one that is not this cache's to give.
#ifndef DBGALLOC_ALLOC_POOL_THREAD_CACHE_H_
#define DBGALLOC_ALLOC_POOL_THREAD_CACHE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "alloc/pool/block_state.h"
#include "alloc/pool/size_classes.h"
#include "alloc/pool/unit_map.h"

namespace dbgalloc::pool {

class PoolHeap;

// How many blocks the magazine has and how many allocations it has served,
// in one word, so that counting both costs one addition.
class Tally {
 public:
  static constexpr unsigned kServedShift = 16;
  static constexpr uint64_t kCountMask = (uint64_t{1} << kServedShift) - 1;

  uint32_t count() const { return static_cast<uint32_t>(Load() & kCountMask); }
  uint64_t served() const { return Load() >> kServedShift; }

  void CountPush() { Store(Load() + 1); }
  // The same where the value is at hand: served + 1, count - 1.
  void CountPop(uint64_t value) { Store(value + kCountMask); }
  void CountPush(uint64_t value) { Store(value + 1); }
  void SetCount(uint32_t count) { Store((Load() & ~kCountMask) | count); }

  // Other threads read it for statistics.
  uint64_t Load() const { return __atomic_load_n(&value_, __ATOMIC_RELAXED); }

 private:
  void Store(uint64_t value) {
    __atomic_store_n(&value_, value, __ATOMIC_RELAXED);
  }

  uint64_t value_ = 0;
};

// The first word of a free block.
struct BlockGuard {
  uint64_t key = 0;

  void Set(uintptr_t block) const {
    *reinterpret_cast<uintptr_t*>(block) = block ^ static_cast<uintptr_t>(key);
  }
  bool IsIntact(uintptr_t block) const { return Difference(block) == 0; }
  uintptr_t Difference(uintptr_t block) const {
    return *reinterpret_cast<const uintptr_t*>(block) ^ block ^
           static_cast<uintptr_t>(key);
  }
};

struct alignas(32) Bin {
  uintptr_t* slots = nullptr;
  Tally tally;
  uintptr_t* spare = nullptr;
  uint16_t spare_count = 0;
  uint16_t limit = 0;  // slots in a magazine; 0: there is none yet
  uint16_t carve = 0;  // how many fresh blocks were taken last
  uint16_t state_shift = 0;
};

static_assert(sizeof(Bin) == 32, "found by a shift");

enum class Tier : uint8_t { kSmall, kMedium, kLarge, kHuge };
inline constexpr size_t kTiers = 4;

// What one thread did in a tier. Only the sums over all threads mean anything:
// one frees what another allocated. The owner writes, anybody reads.
class TierCounters {
 public:
  void CountAllocation(size_t bytes) {
    Add(allocations_, 1);
    Add(live_bytes_, bytes);
  }
  void CountFree(size_t bytes) {
    Add(frees_, 1);
    Add(live_bytes_, -bytes);
  }
  void CountShrinking(size_t bytes) { Add(live_bytes_, -bytes); }

  uint64_t allocations() const { return Load(allocations_); }
  uint64_t frees() const { return Load(frees_); }
  uint64_t live_bytes() const { return Load(live_bytes_); }

 private:
  static uint64_t Load(const uint64_t& counter) {
    return __atomic_load_n(&counter, __ATOMIC_RELAXED);
  }
  static void Add(uint64_t& counter, uint64_t value) {
    __atomic_store_n(&counter, Load(counter) + value, __ATOMIC_RELAXED);
  }

  uint64_t allocations_ = 0;
  uint64_t frees_ = 0;
  uint64_t live_bytes_ = 0;
};

// One thread at a time, except for the statistics.
struct ThreadCache {
  BlockGuard guard;
  BlockState mark = 0;  // of blocks in this cache
  uintptr_t owner = 0;  // names the thread; 0: none
  PoolHeap* pool = nullptr;
  const UnitMap* units = nullptr;
  // Where the owner keeps a pointer to this for its fast way, if it does.
  std::atomic<void**> fast_slot{nullptr};
  ThreadCache* next = nullptr;       // all caches of the pool
  ThreadCache* next_idle = nullptr;  // those of threads that ended
  Bin bins[kClasses + 1];
  // Blocks that came from shared memory less those that went there.
  uint64_t inflow[kClasses + 1] = {};
  TierCounters tiers[kTiers];  // the small one's is not used

  TierCounters& CountersOf(Tier tier) {
    return tiers[static_cast<size_t>(tier)];
  }

  // Null: there is none, or the newest is not as it should be; the slow way
  // finds out.
  void* Pop(SizeClass size_class, size_t size, Maker maker) {
    Bin* bin = BinOf(size_class);
    const uint64_t tally = bin->tally.Load();
    const uint64_t count = tally & Tally::kCountMask;
    if (__builtin_expect(count == 0, 0)) return nullptr;
    const uintptr_t* top = bin->slots + count;
    uintptr_t block = top[-1];
    // The next one; below the lowest slot is the magazine's link.
    __builtin_prefetch(reinterpret_cast<void*>(top[-2]), 1);
    BlockState* state = StateWithShift(block, bin->state_shift);
    uintptr_t wrong = guard.Difference(block) |
                      static_cast<uintptr_t>(LoadState(state) ^ mark);
    if (__builtin_expect(wrong != 0, 0)) return nullptr;
    bin->tally.CountPop(tally);
    asm("" : "+r"(size));  // its state is not computed, and kept, before
    StoreState(state, LiveState(size, maker) | PlaceOf(block));
    return reinterpret_cast<void*>(block);
  }

  // Takes the block back if its state, as far as `mask` goes, is `wanted`, and
  // its magazine has room. False: nothing has changed; the slow way finds out
  // why.
  bool TryPush(const void* pointer, uint8_t mask, uint8_t wanted) {
    uintptr_t block = reinterpret_cast<uintptr_t>(pointer);
    UnitKind kind = units->Find(block);
    if (__builtin_expect(!IsSmall(kind), 0)) return false;
    return TryPushAs(block, kind, mask, wanted);
  }

  // The same for a block whose size the caller states.
  bool TryPushSized(const void* pointer, uint8_t wanted, size_t size) {
    uintptr_t block = reinterpret_cast<uintptr_t>(pointer);
    if (__builtin_expect(size > kTableSize, 0)) return false;
    SizeClass size_class = ClassOfTableSize(size);
    if (__builtin_expect(units->Find(block) != size_class, 0)) return false;
    return TryPushAs(block, size_class, 0xff, wanted);
  }

  // The same for sizes whose class has to be computed.
  bool TryPushLargerSized(const void* pointer, uint8_t wanted, size_t size) {
    uintptr_t block = reinterpret_cast<uintptr_t>(pointer);
    SizeClass size_class = ClassOf(size);
    if (__builtin_expect(units->Find(block) != size_class, 0)) return false;
    return TryPushAs(block, size_class, 0xff, wanted);
  }

  // realloc of a small block: in place where the class stays (or half of it is
  // still used), else into another block that this cache has. Growth takes a
  // quarter more room than asked for, as blocks that grow once grow again.
  // Null: nothing has changed; the slow way does it.
  void* TryReallocate(void* pointer, size_t size) {
    constexpr uint8_t kFamily = 0b011;
    constexpr uint8_t kMallocFamily = 0b001;
    uintptr_t block = reinterpret_cast<uintptr_t>(pointer);
    UnitKind kind = units->Find(block);
    if (__builtin_expect(!IsSmall(kind), 0)) return nullptr;
    BlockState* state = StateWithShift(block, BinOf(kind)->state_shift);
    BlockState seen = LoadState(state);
    uintptr_t wrong =
        ((seen & (kPlaceMask | kFamily)) ^ (PlaceOf(block) | kMallocFamily)) |
        (block % kGranule);
    if (__builtin_expect(wrong != 0, 0)) return nullptr;
    size_t capacity = TableClassSize(kind);
    if (size <= capacity && (size > capacity / 2 || ClassOf(size) == kind)) {
      StoreState(state, LiveState(size, MakerOf(seen)) | PlaceOf(block));
      return pointer;
    }
    size_t roomy = size;
    if (size > capacity && size < capacity + capacity / 4) {
      roomy = capacity + capacity / 4;
    }
    if (roomy > kMaxSmallSize || IsFull(kind)) return nullptr;
    void* moved = Pop(ClassOf(roomy), size, Maker::kMalloc);
    if (__builtin_expect(moved == nullptr, 0)) return nullptr;
    std::memcpy(moved, pointer, size < capacity ? size : capacity);
    Push(block, state, kind);
    return moved;
  }

  // One address, which the compiler would else compute for each member.
  Bin* BinOf(SizeClass size_class) {
    Bin* bin = &bins[size_class];
    asm("" : "+r"(bin));
    return bin;
  }

  bool IsFull(SizeClass size_class) const {
    return bins[size_class].tally.count() >= bins[size_class].limit;
  }

  // The magazine has room.
  void Push(uintptr_t block, BlockState* state, SizeClass size_class) {
    Bin* bin = BinOf(size_class);
    bin->slots[bin->tally.count()] = block;
    bin->tally.CountPush();
    guard.Set(block);
    StoreState(state, mark);
  }

 private:
  bool TryPushAs(uintptr_t block, SizeClass size_class, uint8_t mask,
                 uint8_t wanted) {
    Bin* bin = BinOf(size_class);
    BlockState* state = StateWithShift(block, bin->state_shift);
    uintptr_t wrong =
        ((LoadState(state) & (kPlaceMask | mask)) ^ (PlaceOf(block) | wanted)) |
        (block % kGranule);
    if (__builtin_expect(wrong != 0, 0)) return false;
    const uint64_t tally = bin->tally.Load();
    const uint64_t count = tally & Tally::kCountMask;
    if (__builtin_expect(count >= bin->limit, 0)) return false;
    bin->tally.CountPush(tally);
    bin->slots[count] = block;
    guard.Set(block);
    StoreState(state, mark);
    return true;
  }
};

}  // namespace dbgalloc::pool

#endif  // DBGALLOC_ALLOC_POOL_THREAD_CACHE_H_
