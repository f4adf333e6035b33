// From any 64-bit value to what a pool keeps there: one byte for each unit of
// 64 KiB.
//
//   address  47         38             16              0
//            |   leaf   |     unit     |    offset     |
//
// Two loads without a lock. A leaf spans 256 GiB and is mapped when it is first
// needed; it lives as long as the pool. One leaf of zeros stands for all that
// were not.
#ifndef DBGALLOC_ALLOC_POOL_UNIT_MAP_H_
#define DBGALLOC_ALLOC_POOL_UNIT_MAP_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "alloc/os/address_space.h"
#include "alloc/pool/block_state.h"

namespace dbgalloc::pool {

// What a unit holds: blocks of a size class (1..kClasses), or one of these.
using UnitKind = uint8_t;
inline constexpr UnitKind kNotOurs = 0;
inline constexpr UnitKind kOverhead = 253;  // a chunk's states, a free unit
inline constexpr UnitKind kMediumRegion = 254;
inline constexpr UnitKind kMapping = 255;

constexpr bool IsSmall(UnitKind kind) {
  return static_cast<uint8_t>(kind - 1) < kClasses;
}

// Find() is for any thread at any time; Set() for one thread at a time.
class UnitMap {
 public:
  UnitMap();
  UnitMap(const UnitMap&) = delete;
  UnitMap& operator=(const UnitMap&) = delete;

  UnitKind Find(uintptr_t address) const {
    uintptr_t index = address >> kLeafLog2;
    if (__builtin_expect(index >= kLeaves, 0)) return kNotOurs;
    const UnitKind* leaf = leaves_[index].load(std::memory_order_acquire);
    return __atomic_load_n(&leaf[(address >> kUnitLog2) & (kUnitsInLeaf - 1)],
                           __ATOMIC_RELAXED);
  }

  // Every unit that [begin, begin + size) touches. False: no memory for a leaf,
  // or the address is beyond what user programs have; nothing has changed.
  bool Set(uintptr_t begin, size_t size, UnitKind kind);

  // Unmaps the leaves.
  void Destroy();

  size_t leaf_bytes() const;

 private:
  static constexpr unsigned kAddressBits = os::kAddressBits;
  static constexpr unsigned kLeafLog2 = sizeof(void*) == 4 ? 31 : 38;
  static constexpr size_t kLeaves = size_t{1} << (kAddressBits - kLeafLog2);
  static constexpr size_t kUnitsInLeaf = size_t{1} << (kLeafLog2 - kUnitLog2);

  // Never written, so it takes no memory.
  static UnitKind no_units[kUnitsInLeaf];

  UnitKind* Leaf(uintptr_t address);

  std::atomic<UnitKind*> leaves_[kLeaves];
};

}  // namespace dbgalloc::pool

#endif  // DBGALLOC_ALLOC_POOL_UNIT_MAP_H_
