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

  void CountPop() { Store(Load() + kCountMask); }  // served + 1, count - 1
  void CountPush() { Store(Load() + 1); }
  // False: there are `limit` already. `before`: how many there were.
  bool TryCountPush(uint16_t limit, uint32_t* before) {
    uint64_t value = Load();
    *before = static_cast<uint16_t>(value);
    if (__builtin_expect(*before >= limit, 0)) return false;
    Store(value + 1);
    return true;
  }
  void SetCount(uint32_t count) { Store((Load() & ~kCountMask) | count); }

 private:
  // Other threads read it for statistics.
  uint64_t Load() const { return __atomic_load_n(&value_, __ATOMIC_RELAXED); }
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
  uint16_t unused = 0;
};

static_assert(sizeof(Bin) == 32, "found by a shift");

// One thread at a time, except for the statistics.
struct ThreadCache {
  BlockGuard guard;
  uint8_t mark = 0;     // the state of blocks in this cache
  uintptr_t owner = 0;  // names the thread; 0: none
  PoolHeap* pool = nullptr;
  const UnitMap* units = nullptr;
  // Where the owner keeps a pointer to this for its fast way, if it does.
  std::atomic<ThreadCache**> fast_slot{nullptr};
  ThreadCache* next = nullptr;       // all caches of the pool
  ThreadCache* next_idle = nullptr;  // those of threads that ended
  Bin bins[kClasses + 1];
  // Blocks that came from shared memory less those that went there.
  uint64_t inflow[kClasses + 1] = {};

  // Null: there is none, or the newest is not as it should be; the slow way
  // finds out.
  void* Pop(SizeClass size_class, uint8_t live_state) {
    Bin* bin = BinOf(size_class);
    uint32_t count = bin->tally.count();
    if (__builtin_expect(count == 0, 0)) return nullptr;
    uintptr_t block = bin->slots[count - 1];
    uint8_t* state = StateOf(block);
    uintptr_t wrong = guard.Difference(block) |
                      static_cast<uintptr_t>(LoadState(state) ^ mark);
    if (__builtin_expect(wrong != 0, 0)) return nullptr;
    bin->tally.CountPop();
    StoreState(state, live_state);
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
    uint8_t* state = StateOf(block);
    uint8_t seen = LoadState(state);
    uintptr_t wrong = ((seen & kFamily) ^ kMallocFamily) | (block % kGranule);
    if (__builtin_expect(wrong != 0, 0)) return nullptr;
    size_t capacity = ClassSize(kind);
    if (size <= capacity && (size > capacity / 2 || ClassOf(size) == kind)) {
      StoreState(state, LiveState(size, MakerOf(seen)));
      return pointer;
    }
    size_t roomy = size;
    if (size > capacity && size < capacity + capacity / 4) {
      roomy = capacity + capacity / 4;
    }
    if (roomy > kMaxSmallSize || IsFull(kind)) return nullptr;
    void* moved = Pop(ClassOf(roomy), LiveState(size, Maker::kMalloc));
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
  void Push(uintptr_t block, uint8_t* state, SizeClass size_class) {
    Bin* bin = BinOf(size_class);
    bin->slots[bin->tally.count()] = block;
    bin->tally.CountPush();
    guard.Set(block);
    StoreState(state, mark);
  }

 private:
  bool TryPushAs(uintptr_t block, SizeClass size_class, uint8_t mask,
                 uint8_t wanted) {
    uint8_t* state = StateOf(block);
    uintptr_t wrong = ((LoadState(state) & mask) ^ wanted) | (block % kGranule);
    if (__builtin_expect(wrong != 0, 0)) return false;
    Bin* bin = BinOf(size_class);
    uint32_t count = 0;
    if (!bin->tally.TryCountPush(bin->limit, &count)) return false;
    bin->slots[count] = block;
    guard.Set(block);
    StoreState(state, mark);
    return true;
  }
};

}  // namespace dbgalloc::pool

#endif  // DBGALLOC_ALLOC_POOL_THREAD_CACHE_H_
