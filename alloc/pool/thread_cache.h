// A thread's own free blocks of one pool: a chain for each size class, popped
// and pushed with plain loads and stores.
//
//   bin: head -> block -> block -> ... -> 0     newest first
//        spare -> a whole chain at the limit, or none
//
//   a free block: | next | next ^ key |         its first 16 bytes
//
// A full chain becomes the spare, and the spare before it goes to the shared
// list; an empty one takes the spare first. So a thread whose use swings around
// the limit does not touch shared memory at each swing.
//
// The second word tells a link that the program has overwritten; the block's
// state (block_state.h) tells a block that is not this cache's to give.
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

// How many blocks the head's chain has and how many allocations it has served,
// in one word, so that counting both costs one addition.
class Tally {
 public:
  static constexpr unsigned kServedShift = 16;
  static constexpr uint64_t kCountMask = (uint64_t{1} << kServedShift) - 1;

  uint32_t count() const { return static_cast<uint32_t>(Load() & kCountMask); }
  uint64_t served() const { return Load() >> kServedShift; }

  void CountPop() { Store(Load() + kCountMask); }  // served + 1, count - 1
  void CountPush() { Store(Load() + 1); }
  // False: there are `limit` already.
  bool TryCountPush(uint16_t limit) {
    uint64_t value = Load();
    if (__builtin_expect(static_cast<uint16_t>(value) >= limit, 0)) {
      return false;
    }
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

// Links between free blocks, which lie in the blocks themselves: the second
// word proves the first.
struct LinkGuard {
  uint64_t key = 0;

  void Link(uintptr_t block, uintptr_t next) const {
    uintptr_t* words = reinterpret_cast<uintptr_t*>(block);
    words[0] = next;
    words[1] = next ^ key;
  }
  bool IsIntact(uintptr_t block) const {
    const uintptr_t* words = reinterpret_cast<const uintptr_t*>(block);
    return (words[0] ^ words[1]) == key;
  }
  static uintptr_t Next(uintptr_t block) {
    return *reinterpret_cast<const uintptr_t*>(block);
  }
};

struct Bin {
  uintptr_t head = 0;
  Tally tally;
  uintptr_t spare = 0;
  uint16_t spare_count = 0;
  uint16_t limit = 0;  // blocks in a chain, at least 1
  uint16_t carve = 1;  // how many fresh blocks to take next
  uint16_t unused = 0;
};

static_assert(sizeof(Bin) == 32, "found by a shift");

// One thread at a time, except for the statistics.
struct ThreadCache {
  LinkGuard links;
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

  // Null: the chain is empty, or its first block is not as it should be; the
  // slow way finds out.
  void* Pop(SizeClass size_class, uint8_t live_state) {
    Bin* bin = BinOf(size_class);
    uintptr_t block = bin->head;
    if (__builtin_expect(block == 0, 0)) return nullptr;
    const uintptr_t* words = reinterpret_cast<const uintptr_t*>(block);
    uintptr_t next = words[0];
    uint8_t* state = StateOf(block);
    uintptr_t wrong = (words[1] ^ next ^ links.key) | (LoadState(state) ^ mark);
    if (__builtin_expect(wrong != 0, 0)) return nullptr;
    bin->head = next;
    bin->tally.CountPop();
    StoreState(state, live_state);
    return reinterpret_cast<void*>(block);
  }

  // Takes the block back if its state, as far as `mask` goes, is `wanted`, and
  // its chain has room. False: nothing has changed; the slow way finds out why.
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

  // The chain has room.
  void Push(uintptr_t block, uint8_t* state, SizeClass size_class) {
    Bin& bin = bins[size_class];
    bin.tally.CountPush();
    StoreState(state, mark);
    links.Link(block, bin.head);
    bin.head = block;
  }

 private:
  bool TryPushAs(uintptr_t block, SizeClass size_class, uint8_t mask,
                 uint8_t wanted) {
    uint8_t* state = StateOf(block);
    uintptr_t wrong = ((LoadState(state) & mask) ^ wanted) | (block % kGranule);
    if (__builtin_expect(wrong != 0, 0)) return false;
    Bin* bin = BinOf(size_class);
    if (!bin->tally.TryCountPush(bin->limit)) return false;
    StoreState(state, mark);
    links.Link(block, bin->head);
    bin->head = block;
    return true;
  }
};

}  // namespace dbgalloc::pool

#endif  // DBGALLOC_ALLOC_POOL_THREAD_CACHE_H_
