// A region of 512 MiB as a binary tree of buddies, ten orders from 1 MiB up.
//
//   node     1                      512 MiB   order 9
//           2 3                     256 MiB   order 8
//         4 5 6 7                   ...
//    512 .......... 1023              1 MiB   order 0
//
//   buddy of n: n XOR 1;  parent: n / 2;  halves: 2n and 2n + 1
//
// A node's state says whether its memory is free, and whether it stands in the
// list of its order. A buddy that is merged leaves its place in the list, which
// whoever pops it finds stale and drops.
#ifndef DBGALLOC_ALLOC_POOL_BUDDY_REGION_H_
#define DBGALLOC_ALLOC_POOL_BUDDY_REGION_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "alloc/pool/block_state.h"

namespace dbgalloc::pool {

inline constexpr unsigned kOrders = 10;
inline constexpr size_t kMinMediumSize = size_t{1} << 20;
inline constexpr size_t kRegionSize = kMinMediumSize << (kOrders - 1);
inline constexpr uint32_t kNodes = 1u << kOrders;  // 0 is none

constexpr size_t OrderSize(unsigned order) { return kMinMediumSize << order; }

// The smallest order that holds `size` bytes, at most kRegionSize of them.
constexpr unsigned OrderOf(size_t size) {
  if (size <= kMinMediumSize) return 0;
  return 64 - static_cast<unsigned>(__builtin_clzll(size - 1)) - 20;
}

constexpr unsigned OrderOfNode(uint32_t node) {
  return kOrders - 1 - (31 - static_cast<unsigned>(__builtin_clz(node)));
}

constexpr size_t OffsetOfNode(uint32_t node) {
  uint32_t first_of_order = 1u << (kOrders - 1 - OrderOfNode(node));
  return (node - first_of_order) * OrderSize(OrderOfNode(node));
}

constexpr uint32_t NodeAt(size_t offset, unsigned order) {
  return (1u << (kOrders - 1 - order)) +
         static_cast<uint32_t>(offset / OrderSize(order));
}

// Bits of a node's state in the lists.
inline constexpr uint8_t kNodeFree = 1;
inline constexpr uint8_t kNodeListed = 2;

// What a free run has of physical memory.
enum class Memory : uint8_t {
  kNone,   // it is all zero
  kOlder,  // some, and the last look at old memory has seen it
  kRecent,
};

// A block that the program has; stands at the 1 MiB unit where it begins.
struct MediumBlock {
  std::atomic<uint8_t> state{0};  // LiveState, or 0
  uint8_t order = 0;
  uint64_t size = 0;  // as asked for
  uint64_t alignment = 0;
};

// Out of line, so that no overflow reaches it.
struct BuddyRegion {
  uintptr_t begin = 0;
  uint32_t index = 0;
  std::atomic<uint8_t> states[kNodes] = {};
  std::atomic<uint32_t> next[kNodes] = {};     // in the list of the order
  std::atomic<uint32_t> pending[kNodes] = {};  // in the queue of frees
  std::atomic<Memory> memory[kNodes] = {};     // of free nodes
  MediumBlock blocks[kNodes / 2];

  uintptr_t AddressOf(uint32_t node) const {
    return begin + OffsetOfNode(node);
  }
  MediumBlock& BlockAt(uintptr_t address) {
    return blocks[(address - begin) / kMinMediumSize];
  }
};

}  // namespace dbgalloc::pool

#endif  // DBGALLOC_ALLOC_POOL_BUDDY_REGION_H_
