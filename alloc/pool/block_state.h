// What the pool remembers of a small block: one byte out of line, found from
// the block's address by arithmetic alone.
//
//   chunk: 4 MiB, aligned to 4 MiB
//   | states: a byte for each 16 bytes of the chunk | units of 64 KiB ... | 0
//   256 KiB                    4 MiB
//
//   live:      | low 5 bits of the size asked for | origin, not 0 |
//   in a cache:| mark of the thread's cache        |       0       |
//   in a span: | 31                                |       0       |
//   elsewhere: |                       0                          |
//
// "Elsewhere" is a shared list, or no block at all. A cache hands a
// block out only while the byte bears its own mark, so that of two threads
// which free one block at the same moment one finds the other's mark.
//
// The states of the first 256 KiB stand for no block: the chunk's header lies
// there.
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
inline constexpr unsigned kHeaderUnits =
    kChunkSize / kGranule / kUnitSize;  // 256 KiB of states

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
inline constexpr uint8_t kShared = 0;
inline constexpr uint8_t kInSpan = 0xff & ~kMakerMask;
// Marks of caches: 1..kMarks, shifted.
inline constexpr unsigned kMarks = (kInSpan >> kMakerBits) - 1;
// What a state keeps of a size is its value modulo this.
inline constexpr size_t kSizeKept = size_t{1} << (8 - kMakerBits);

constexpr uint8_t LiveState(size_t size, Maker maker) {
  return static_cast<uint8_t>((size << kMakerBits) |
                              static_cast<uint8_t>(maker));
}
constexpr bool IsLive(uint8_t state) { return (state & kMakerMask) != 0; }
constexpr Maker MakerOf(uint8_t state) {
  return static_cast<Maker>(state & kMakerMask);
}

inline uint8_t* StateOf(uintptr_t block) {
  constexpr uintptr_t kMask = kChunkSize - 1;
  return reinterpret_cast<uint8_t*>((block & ~kMask) +
                                    (block & kMask) / kGranule);
}

// Threads that misuse a block may meet here, so the accesses are atomic; on the
// machines we know they are plain loads and stores.
inline uint8_t LoadState(const uint8_t* state) {
  return __atomic_load_n(state, __ATOMIC_RELAXED);
}
inline void StoreState(uint8_t* state, uint8_t value) {
  __atomic_store_n(state, value, __ATOMIC_RELAXED);
}

}  // namespace dbgalloc::pool

#endif  // DBGALLOC_ALLOC_POOL_BLOCK_STATE_H_
