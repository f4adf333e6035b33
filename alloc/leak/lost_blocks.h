// The blocks that nothing reaches, and which of them hold the others.
//
//   direct    held by no lost block, or the oldest of a ring that holds itself
//   indirect  held by lost blocks only; belongs to one direct block, its head
#ifndef DBGALLOC_ALLOC_LEAK_LOST_BLOCKS_H_
#define DBGALLOC_ALLOC_LEAK_LOST_BLOCKS_H_

#include <cstddef>
#include <cstdint>

#include "alloc/leak/block_index.h"
#include "alloc/leak/scan_memory.h"
#include "alloc/leak/word_scan.h"

namespace dbgalloc::leak {

// Made when marking is over: what is unseen then is lost. Blocks are named by
// their number in the order of the index.
class LostBlocks {
 public:
  explicit LostBlocks(BlockIndex& index) : index_(index) {}

  // Finds them and their heads. False: no memory.
  bool Find(ScanMemory* memory);

  uint32_t count() const { return count_; }
  BlockPlace operator[](uint32_t number) const { return places_[number]; }
  // The direct block that this one belongs to; itself when it is direct.
  uint32_t HeadOf(uint32_t number) const;

 private:
  static constexpr uint32_t kNoHead = UINT32_MAX;

  class PointedAt;
  class Flood;

  uint32_t NumberOf(BlockPlace place) const;
  Range BytesOf(uint32_t number) const;
  uint64_t AgeOf(uint32_t number) const;
  void FloodFrom(uint32_t head);
  uint32_t SortedRings(uint32_t* rings) const;

  BlockIndex& index_;
  uint32_t count_ = 0;
  BlockPlace* places_ = nullptr;
  bool* pointed_at_ = nullptr;
  uint32_t* heads_ = nullptr;
  uint32_t* pending_ = nullptr;  // of the flood in progress
};

}  // namespace dbgalloc::leak

#endif  // DBGALLOC_ALLOC_LEAK_LOST_BLOCKS_H_
