// What the heap remembers of one block: 24 bytes, out of line, so that no
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

// All that the way of every operation asks of a record, in one word, so that it
// is read and changed at once:
//
//   31                12 11          6 5      3 2     0
//   | requested size    | log2 align. | origin | state |
//
// The size of a large block is in its Span, and nonsense here.
class BlockHead {
 public:
  static constexpr uint32_t kMaxSize = (uint32_t{1} << 20) - 1;

  constexpr BlockHead() = default;
  explicit constexpr BlockHead(uint32_t bits) : bits_(bits) {}
  constexpr BlockHead(BlockState state, Origin origin, unsigned alignment_log2,
                      size_t size)
      : bits_(static_cast<uint32_t>(state) |
              static_cast<uint32_t>(origin) << kOriginShift |
              alignment_log2 << kAlignmentShift |
              static_cast<uint32_t>(size) << kSizeShift) {}

  constexpr uint32_t bits() const { return bits_; }
  constexpr BlockState state() const {
    return static_cast<BlockState>(bits_ & kStateMask);
  }
  constexpr Origin origin() const {
    return static_cast<Origin>(bits_ >> kOriginShift & 7);
  }
  constexpr unsigned alignment_log2() const {
    return bits_ >> kAlignmentShift & 63;
  }
  constexpr uint64_t alignment() const {
    return uint64_t{1} << alignment_log2();
  }
  constexpr uint32_t size() const { return bits_ >> kSizeShift; }

  constexpr BlockHead With(BlockState state) const {
    return BlockHead((bits_ & ~kStateMask) | static_cast<uint32_t>(state));
  }
  constexpr BlockHead WithSize(size_t size) const {
    return BlockHead(state(), origin(), alignment_log2(), size);
  }
  // Whether both tell of the same state and origin.
  constexpr bool IsLike(BlockHead other) const {
    return ((bits_ ^ other.bits_) & kStateAndOriginMask) == 0;
  }

 private:
  static constexpr uint32_t kStateMask = 7;
  static constexpr uint32_t kStateAndOriginMask = 63;
  static constexpr unsigned kOriginShift = 3;
  static constexpr unsigned kAlignmentShift = 6;
  static constexpr unsigned kSizeShift = 12;

  uint32_t bits_ = 0;
};

// The number of a heap operation, told from a number that the span keeps
// (Span::first_number): exact up to 2^31 operations from there, then rounded
// down by less than one in ten thousand.
class PackedNumber {
 public:
  constexpr PackedNumber() = default;
  // A number below `first` is taken for `first`.
  PackedNumber(uint64_t number, uint64_t first)
      : bits_(static_cast<uint32_t>(number - first)) {
    if (__builtin_expect(number - first >= kFar, 0)) {
      bits_ = number < first
                  ? 0
                  : kFar | static_cast<uint32_t>((number - first) >> kFarShift);
    }
  }
  uint64_t From(uint64_t first) const {
    bool is_far = (bits_ & kFar) != 0;
    return first + (is_far ? uint64_t{bits_ & (kFar - 1)} << kFarShift : bits_);
  }

 private:
  static constexpr uint32_t kFar = uint32_t{1} << 31;
  static constexpr unsigned kFarShift = 17;
  uint32_t bits_ = 0;
};

// What a leak check shall know of a live block; bits.
inline constexpr uint16_t kLeakIgnored = 1;   // no leak, nor what it holds
inline constexpr uint16_t kLeakReported = 2;  // once is enough

// Who writes what: the head's state changes by compare-exchange once the block
// is live, so of two racing frees exactly one wins; the winner writes the free_
// fields before it stores kFreed; all else is written before kLive is stored,
// or under kChanging.
struct BlockRecord {
  std::atomic<uint32_t> head_bits{0};
  uint32_t alloc_stack = 0;
  uint32_t free_stack = 0;
  uint16_t alloc_thread = 0;
  uint16_t free_thread = 0;  // while the block is live: marks of leak checks
  PackedNumber allocated;
  PackedNumber freed;

  BlockHead head() const {
    return BlockHead(head_bits.load(std::memory_order_acquire));
  }
  BlockState state() const { return head().state(); }
  void SetHead(BlockHead head) {
    head_bits.store(head.bits(), std::memory_order_release);
  }
  // By whoever alone may change the record.
  void SetState(BlockState state) { SetHead(head().With(state)); }

  uint16_t leak_marks() const {
    return std::atomic_ref(const_cast<uint16_t&>(free_thread))
        .load(std::memory_order_relaxed);
  }
  // The block is live, and nobody frees it meanwhile.
  void AddLeakMark(uint16_t mark) {
    std::atomic_ref(free_thread).fetch_or(mark, std::memory_order_relaxed);
  }

  // False: the head is another one by now.
  bool TryChange(BlockHead from, BlockState to) {
    uint32_t bits = from.bits();
    return head_bits.compare_exchange_strong(bits, from.With(to).bits(),
                                             std::memory_order_acq_rel,
                                             std::memory_order_acquire);
  }
  // False: the state is another one by now.
  bool TryChange(BlockState from, BlockState to) {
    for (BlockHead now = head(); now.state() == from; now = head()) {
      if (TryChange(now, to)) return true;
    }
    return false;
  }
};

static_assert(sizeof(BlockRecord) == 24);
static_assert(std::atomic<uint32_t>::is_always_lock_free);

// The latest resize of a block, kept beside the records when
// resize_stack_traces=1.
struct ResizeRecord {
  uint32_t stack = 0;
  uint32_t thread = 0;
  uint64_t number = 0;  // 0: never resized
  // The number of the block's allocation, where the latest resize moved it here
  // from; else 0, and the block's record tells.
  uint64_t allocated = 0;
};
static_assert(sizeof(ResizeRecord) == 24);

}  // namespace dbgalloc::heap

#endif  // DBGALLOC_ALLOC_HEAP_BLOCK_RECORD_H_
