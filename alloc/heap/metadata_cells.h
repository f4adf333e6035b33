// Cells of one size for the heap's records, whose memory goes back to the
// system as they are given back.
//
//   slab:  | cell | cell | cell | ...  whole pages, taken from the arena once
//
//   in use, with room  <->  in use, full
//         |  ^
//         v  |
//   empty: the last few as they are, in the order in which they became empty;
//   the memory of older ones is gone until they are used again
//
// What describes a slab lies apart from it.
#ifndef DBGALLOC_ALLOC_HEAP_METADATA_CELLS_H_
#define DBGALLOC_ALLOC_HEAP_METADATA_CELLS_H_

#include <cstddef>
#include <cstdint>

#include "alloc/heap/metadata_arena.h"

namespace dbgalloc::heap {

struct MetadataSlab;

// Where a cell is and what it belongs to; the owner keeps both.
struct MetadataCell {
  void* memory = nullptr;  // null: there was none
  MetadataSlab* slab = nullptr;
};

// Not thread-safe: used under the span store's lock. Constant time.
class MetadataCells {
 public:
  // Where cells come from: `slabs` hands out whole pages, `headers` what
  // describes them. `pages` may be null: then no memory is given back.
  // `warm_slabs`: empty ones that keep their memory, for those who take again
  // at once.
  struct Source {
    MetadataArena* slabs = nullptr;
    MetadataArena* headers = nullptr;
    PageControl* pages = nullptr;
    size_t warm_slabs = 1;
  };

  // A cell of `size` bytes, zeroed, aligned to a cache line. `size` is the same
  // in all calls.
  MetadataCell Take(const Source& source, size_t size);

  // Gives it back. It stays readable: old contents or zeros.
  void Give(const Source& source, const MetadataCell& cell);

 private:
  // Slabs that are linked by `next`; a queue.
  struct List {
    MetadataSlab* first = nullptr;
    MetadataSlab* last = nullptr;
  };

  MetadataSlab* SlabWithRoom(const Source& source, size_t size);
  MetadataSlab* NewSlab(const Source& source, size_t size);
  void AddWithRoom(MetadataSlab* slab);
  void RemoveWithRoom(MetadataSlab* slab);
  void KeepEmpty(const Source& source, MetadataSlab* slab);

  MetadataSlab* with_room_ = nullptr;
  List empty_;                         // memory as it was, oldest first
  size_t empty_count_ = 0;             // of them
  MetadataSlab* discarded_ = nullptr;  // without memory
};

}  // namespace dbgalloc::heap

#endif  // DBGALLOC_ALLOC_HEAP_METADATA_CELLS_H_
