// Spans for small blocks: runs of 64 KiB units, cut from chunks of 4 MiB.
//
//   chunk: | states and record: 16 units | span | span ...    | free units |
//
// A span has blocks of one size class. Units that are given back keep their
// memory for a while, since the next span often wants it, and lose it to the
// system by Purge(). Chunks stay mapped as long as the pool: threads may look
// at the first word of a block that is no longer theirs (batch_stack.h).
#ifndef DBGALLOC_ALLOC_POOL_SPAN_STORE_H_
#define DBGALLOC_ALLOC_POOL_SPAN_STORE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "alloc/base/spin_lock.h"
#include "alloc/pool/block_state.h"
#include "alloc/pool/os_memory.h"
#include "alloc/pool/size_classes.h"
#include "alloc/pool/unit_map.h"

namespace dbgalloc::pool {

// A run of units. The class's lock guards all but what never changes while the
// span is in use (begin, capacity, size_class, units).
struct Span {
  Span* next = nullptr;  // spans of the class that have blocks to give
  Span* previous = nullptr;
  uintptr_t begin = 0;
  uint32_t free_count = 0;  // blocks that came back: those marked kInSpan
  uint32_t cursor = 0;      // where the search for them goes on
  // Blocks that were ever handed out. Written under the lock; whoever describes
  // an address reads it without.
  std::atomic<uint32_t> carved{0};
  uint32_t capacity = 0;
  uint8_t size_class = 0;  // 0: not in use
  uint8_t units = 0;
  bool listed = false;

  uint32_t carved_blocks() const {
    return carved.load(std::memory_order_relaxed);
  }
  uint32_t available() const {
    return free_count + (capacity - carved_blocks());
  }
  bool all_free() const { return free_count == carved_blocks(); }
  uintptr_t BlockAt(size_t index) const {
    return begin + index * ClassSize(size_class);
  }
};

struct Chunk;

// Thread-safe; one lock, held for a few steps and never over a system call that
// gives memory back.
class SpanStore {
 public:
  constexpr SpanStore() = default;

  void Init(UnitMap* units, const OsMemory* memory) {
    units_ = units;
    memory_ = memory;
  }

  // A span for blocks of the class. Null: no memory.
  Span* Take(SizeClass size_class);
  // All blocks of the span are free and in no list.
  void GiveBack(Span* span);

  // The span around an address whose unit the map says is small.
  static Span* Find(uintptr_t address);

  // Returns the memory of units that were given back before `before` (on the
  // monotonic clock, in ns) to the system. Returns its bytes.
  size_t Purge(uint64_t before);
  // When the oldest memory that Purge() could return was given back; 0: none.
  uint64_t oldest_dirty() const {
    return oldest_dirty_.load(std::memory_order_relaxed);
  }

  // Calls `visit(context, span)` for each span in use. Not while other threads
  // use the pool.
  void ForEachSpan(void (*visit)(void* context, Span& span), void* context);

  // Returns all chunks to the system.
  void Destroy();

  size_t chunk_bytes() const {
    return chunk_count_.load(std::memory_order_relaxed) * kChunkSize;
  }

  // Spans that hold blocks, free ones included.
  size_t spans_in_use() const {
    return spans_in_use_.load(std::memory_order_relaxed);
  }

  base::SpinLock& lock() { return lock_; }

 private:
  Chunk* AddChunk();
  void AddRoom(Chunk& chunk);
  void RemoveRoom(Chunk& chunk);
  size_t PurgeChunk(Chunk& chunk);
  Span* TakeFrom(Chunk& chunk, SizeClass size_class, unsigned units);

  UnitMap* units_ = nullptr;
  const OsMemory* memory_ = nullptr;
  base::SpinLock lock_;
  Chunk* chunks_ = nullptr;
  Chunk* rooms_ = nullptr;
  std::atomic<size_t> chunk_count_{0};
  std::atomic<size_t> spans_in_use_{0};
  std::atomic<uint64_t> oldest_dirty_{0};
};

// Units that a span of the class takes: the fewest whose tail beyond the last
// block is at most an eighth.
unsigned SpanUnits(SizeClass size_class);

}  // namespace dbgalloc::pool

#endif  // DBGALLOC_ALLOC_POOL_SPAN_STORE_H_
