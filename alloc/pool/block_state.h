// What the pool remembers of a small block: two bytes out of line, found from
// the block's address and its size class by arithmetic alone.
//
//   chunk: 4 MiB, aligned to 4 MiB
//   | states | units of 64 KiB ...                                   |
//   0        1 MiB                                                   4 MiB
//
//   live:       | place, 8 bits | low 5 bits of the size asked for | maker, 3 |
//   in a cache: |        mark of the thread's cache, 13 bits       |    0     |
//   in a span:  |                   all ones                       |    0     |
//   elsewhere:  |                          0                                  |
//
// "Elsewhere" is a shared list, or no block at all. A cache hands a block out
// only while the state bears its own mark, so that of two threads which free
// one block at the same moment one finds the other's mark.
//
// There is a state for each granule of a class: the largest power of two that
// its blocks hold, 4 KiB at the most. So no two blocks share one, and the
// states of neighbours lie together. The place tells a block's start from the
// middle of the granule. States of all granule sizes have areas of their own,
// which follow each other like the levels of a binary tree:
//
//   state number (chunk size + offset in the chunk) / granule
//
// The first megabyte of a chunk has no blocks, so a quarter of each area is
// never touched; the chunk's own record lies in one such gap.
#ifndef DBGALLOC_ALLOC_POOL_BLOCK_STATE_H_
#define DBGALLOC_ALLOC_POOL_BLOCK_STATE_H_

#include <cstddef>
#include <cstdint>

#include "alloc/pool/size_classes.h"

namespace dbgalloc::pool {

inline constexpr unsigned kUnitLog2 = 16;
inline constexpr size_t kUnitSize = size_t{1} << kUnitLog2;
inline constexpr unsigned kChunkLog2 = 22;
inline constexpr size_t kChunkSize = size_t{1} << kChunkLog2;
inline constexpr unsigned kUnitsInChunk = kChunkSize / kUnitSize;

// One a granule; see above.
using BlockState = uint16_t;

inline constexpr size_t kMaxStates = 2 * kChunkSize / kGranule;
inline constexpr unsigned kHeaderUnits =
    kMaxStates * sizeof(BlockState) / kUnitSize;
// Where the gap in the area of the smallest granules begins.
inline constexpr size_t kStateGap = kChunkSize / kGranule * sizeof(BlockState);
inline constexpr size_t kStateGapSize = kStateGap / 4;

// Who made a block. The bits let one comparison answer who may free it: free()
// takes what has 01 in the low two.
enum class Maker : uint8_t {
  kMalloc = 0b001,
  kMemalign = 0b101,
  kNew = 0b010,
  kNewArray = 0b011,
  kAlignedNew = 0b110,
  kAlignedNewArray = 0b111,
  kAllocator = 0b100,
};

inline constexpr uint8_t kMakerMask = 0b111;
inline constexpr unsigned kMakerBits = 3;
inline constexpr BlockState kShared = 0;
inline constexpr BlockState kInSpan = 0xffff & ~kMakerMask;
// Marks of caches: 1..kMarks, shifted.
inline constexpr unsigned kMarks = (kInSpan >> kMakerBits) - 1;
// What a state keeps of a size is its value modulo this.
inline constexpr unsigned kLiveBits = 8;
inline constexpr size_t kSizeKept = size_t{1} << (kLiveBits - kMakerBits);

// What a live block's state says, but for the place.
constexpr uint8_t LiveState(size_t size, Maker maker) {
  return static_cast<uint8_t>((size << kMakerBits) |
                              static_cast<uint8_t>(maker));
}
constexpr bool IsLive(BlockState state) { return (state & kMakerMask) != 0; }
constexpr Maker MakerOf(BlockState state) {
  return static_cast<Maker>(state & kMakerMask);
}

// Where in its granule a block begins, as a live block's state has it.
inline constexpr BlockState kPlaceMask = 0xff << kLiveBits;
constexpr BlockState PlaceOf(uintptr_t block) {
  static_assert(kGranule == 16, "the lowest bit of the place");
  return static_cast<BlockState>(block << (kLiveBits - 4)) & kPlaceMask;
}

inline constexpr unsigned kGranuleLog2 = 4;
inline constexpr unsigned kMaxStateShift = 12;

// The logarithm of the granule of a class.
constexpr unsigned StateShift(SizeClass size_class) {
  unsigned log2 =
      63 - static_cast<unsigned>(__builtin_clzll(ClassSize(size_class)));
  return log2 < kMaxStateShift ? log2 : kMaxStateShift;
}

inline BlockState* StateWithShift(uintptr_t block, unsigned shift) {
  constexpr uintptr_t kMask = kChunkSize - 1;
  uintptr_t number = ((block & kMask) | kChunkSize) >> shift;
  return reinterpret_cast<BlockState*>(block & ~kMask) + number;
}
inline BlockState* StateOf(uintptr_t block, SizeClass size_class) {
  return StateWithShift(block, StateShift(size_class));
}

// Whether the block that `state` was found for begins at the address.
constexpr bool IsLiveBlock(uintptr_t address, BlockState state) {
  return IsLive(state) && address % kGranule == 0 &&
         (state & kPlaceMask) == PlaceOf(address);
}

// Threads that misuse a block may meet here, so the accesses are atomic; on the
// machines we know they are plain loads and stores.
inline BlockState LoadState(const BlockState* state) {
  return __atomic_load_n(state, __ATOMIC_RELAXED);
}
inline void StoreState(BlockState* state, unsigned value) {
  __atomic_store_n(state, static_cast<BlockState>(value), __ATOMIC_RELAXED);
}

}  // namespace dbgalloc::pool

#endif  // DBGALLOC_ALLOC_POOL_BLOCK_STATE_H_
