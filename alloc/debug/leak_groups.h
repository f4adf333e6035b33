// Adds live blocks up by allocation stack, in memory borrowed for the purpose.
#ifndef DBGALLOC_ALLOC_DEBUG_LEAK_GROUPS_H_
#define DBGALLOC_ALLOC_DEBUG_LEAK_GROUPS_H_

#include <cstddef>
#include <cstdint>

#include "dbgalloc/allocator.h"
#include "dbgalloc/error_record.h"
#include "dbgalloc/error_sink.h"

namespace dbgalloc::debug {

// An open-addressed table of stacks, which grows with them. When more stacks
// leak than there is room for, the blocks of the later ones are counted
// together, under stack 0. Not thread-safe. Borrows from the allocator when the
// first block is added, gives back at destruction; with no memory to be had,
// everything is one group.
class LeakGroups {
 public:
  explicit LeakGroups(Allocator* lender) : lender_(lender) {}
  ~LeakGroups();
  LeakGroups(const LeakGroups&) = delete;
  LeakGroups& operator=(const LeakGroups&) = delete;

  void Add(const BlockDescription& block);
  // A block that is held only by lost blocks which `holder` allocated.
  void AddHeld(const BlockDescription& block, uint32_t holder);

  // Each group's example, to be completed before Finish().
  template <typename Complete>
  void CompleteExamples(const Complete& complete) {
    for (size_t i = 0; i < capacity_; ++i) {
      if (table_[i].blocks != 0) complete(table_[i].example);
    }
    if (rest_.blocks != 0) complete(rest_.example);
  }

  // The groups, largest first, each followed by what it holds; valid until this
  // is destroyed. Add() no more.
  LeakReport Finish();

  uint64_t blocks() const { return blocks_; }

 private:
  void AddTo(LeakGroup* group, const BlockDescription& block);
  LeakGroup* PlaceOf(uint32_t stack, bool held, uint32_t holder);
  LeakGroup* Take(uint32_t stack, bool held, uint32_t holder);
  bool Grow();
  void GiveBack(LeakGroup* table, size_t capacity);
  void SumFamilies(LeakGroup* groups, size_t count);

  Allocator* lender_;
  LeakGroup* table_ = nullptr;
  size_t capacity_ = 0;  // a power of two
  size_t used_ = 0;
  bool is_full_ = false;  // of a table that cannot grow
  LeakGroup rest_;        // what found no room
  uint64_t blocks_ = 0;
  uint64_t bytes_ = 0;
  uint64_t held_blocks_ = 0;
  uint64_t held_bytes_ = 0;
};

}  // namespace dbgalloc::debug

#endif  // DBGALLOC_ALLOC_DEBUG_LEAK_GROUPS_H_
