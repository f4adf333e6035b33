// What the heap remembers of one block: 32 bytes, out of line, so that no
// overflow of a block can reach it.
#ifndef DBGALLOC_ALLOC_HEAP_BLOCK_RECORD_H_
#define DBGALLOC_ALLOC_HEAP_BLOCK_RECORD_H_

#include <atomic>
#include <cstdint>

#include "dbgalloc/error_record.h"

namespace dbgalloc::heap {

// A block's life. Slots go through it once: none is ever handed out again.
//
//   kUnused -> kReserved -> kLive <-> kChanging
//                             |
//                             +-> kFreeing -> kFreed
//
// kReserved: the slot is taken, its record not yet complete. kChanging: a
// resize is moving its redzone. kFreeing: one thread has won the right to free
// it and is writing down who it is.
enum class BlockState : uint8_t {
  kUnused,
  kReserved,
  kLive,
  kChanging,
  kFreeing,
  kFreed,
};

// Which thread did something, and the number of that heap operation: 16 and 48
// bits of one word, so that both are read and written at once.
class PackedEvent {
 public:
  constexpr PackedEvent() = default;
  PackedEvent(uint32_t thread, uint64_t number)
      : bits_((uint64_t{thread} << 48) | (number & kNumberMask)) {}
  uint32_t thread() const { return static_cast<uint32_t>(bits_ >> 48); }
  uint64_t number() const { return bits_ & kNumberMask; }

 private:
  static constexpr uint64_t kNumberMask = (uint64_t{1} << 48) - 1;
  uint64_t bits_ = 0;
};

// Who writes what: `state` changes by compare-exchange once the block is live,
// so of two racing frees exactly one wins; the winner writes the free_ fields
// before it stores kFreed; all else is written before kLive is stored, or under
// kChanging.
struct BlockRecord {
  std::atomic<BlockState> state{BlockState::kUnused};
  Origin origin = Origin::kAllocator;
  uint8_t alignment_log2 = 0;
  // Requested; large blocks: see Span. Atomic, since a walk over the heap may
  // look while the owner resizes.
  std::atomic<uint32_t> size{0};
  uint32_t alloc_stack = 0;
  uint32_t free_stack = 0;
  PackedEvent allocated;
  PackedEvent freed;

  uint64_t alignment() const { return uint64_t{1} << alignment_log2; }

  bool TryChange(BlockState from, BlockState to) {
    return state.compare_exchange_strong(from, to, std::memory_order_acq_rel,
                                         std::memory_order_acquire);
  }
};

// Two records a cache line; two lines an operation is all that a free costs.
static_assert(sizeof(BlockRecord) == 32);
static_assert(std::atomic<BlockState>::is_always_lock_free);

// The latest resize of a block, kept beside the records when
// resize_stack_traces=1.
struct ResizeRecord {
  uint32_t stack = 0;
  uint32_t reserved = 0;
  PackedEvent resized;
};
static_assert(sizeof(ResizeRecord) == 16);

}  // namespace dbgalloc::heap

#endif  // DBGALLOC_ALLOC_HEAP_BLOCK_RECORD_H_
