// Magazines: what blocks change hands in. A magazine is an array of blocks'
// with a link before it for the list that it stands in.
//
//   | link | slot | slot | ... |
//
// Their memory is the pool's own and is never given back before the pool's end,
// so a thread may look at the link of one that another has just taken.
#ifndef DBGALLOC_ALLOC_POOL_MAGAZINES_H_
#define DBGALLOC_ALLOC_POOL_MAGAZINES_H_

#include <cstddef>
#include <cstdint>

#include "alloc/base/spin_lock.h"

namespace dbgalloc::pool {

// The link has 64 bits on every machine.
inline constexpr size_t kLinkSize = sizeof(uint64_t);

// The slots of the magazine whose link stands at `link`, and back.
inline uintptr_t* SlotsOf(uintptr_t link) {
  return reinterpret_cast<uintptr_t*>(link + kLinkSize);
}
inline uintptr_t LinkOfSlots(uintptr_t* slots) {
  return reinterpret_cast<uintptr_t>(slots) - kLinkSize;
}

// Makes magazines. Thread-safe.
class MagazineArena {
 public:
  constexpr MagazineArena() = default;

  // The slots of a new magazine for `capacity` blocks. Null: no memory.
  uintptr_t* Make(size_t capacity);

  // Unmaps all.
  void Destroy();

  base::SpinLock& lock() { return lock_; }

 private:
  static constexpr size_t kPiece = size_t{64} << 10;

  base::SpinLock lock_;
  void* pieces_ = nullptr;  // linked by their first word
  uintptr_t next_ = 0;
  uintptr_t end_ = 0;
};

}  // namespace dbgalloc::pool

#endif  // DBGALLOC_ALLOC_POOL_MAGAZINES_H_
