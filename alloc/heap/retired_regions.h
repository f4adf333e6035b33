// Which aligned gibibytes of address space are retired as a whole.
//
// A chunk that is retired costs no page table, but the table above it stays, a
// page for each gibibyte; it goes when all that it covers is retired in one
// piece.
#ifndef DBGALLOC_ALLOC_HEAP_RETIRED_REGIONS_H_
#define DBGALLOC_ALLOC_HEAP_RETIRED_REGIONS_H_

#include <cstddef>
#include <cstdint>

namespace dbgalloc::heap {

// Remembers the regions that were added to last. What falls out of memory is
// counted from zero again, so a region may go unnoticed, but one that is named
// is whole. Not thread-safe.
class RetiredRegions {
 public:
  static constexpr unsigned kRegionLog2 = 30;
  static constexpr uint64_t kRegionSize = uint64_t{1} << kRegionLog2;
  static constexpr size_t kRegions = 16;

  // The chunk [begin, begin + size) was retired. True: all of the region that
  // it lies in is. Chunks that reach over a region count nowhere.
  bool Add(uint64_t begin, uint64_t size) {
    Region* region = Of(begin, size);
    if (region == nullptr) return false;
    const uint64_t number = begin >> kRegionLog2;
    if (region->number != number) *region = {number, 0};
    region->retired += size;
    return region->retired == kRegionSize;
  }

  // The chunk is not retired any more.
  void Remove(uint64_t begin, uint64_t size) {
    Region* region = Of(begin, size);
    if (region == nullptr || region->number != begin >> kRegionLog2) {
      return;
    }
    region->retired -= size < region->retired ? size : region->retired;
  }

 private:
  struct Region {
    uint64_t number = UINT64_MAX;
    uint64_t retired = 0;  // bytes, never more than there are
  };

  Region* Of(uint64_t begin, uint64_t size) {
    const uint64_t number = begin >> kRegionLog2;
    const uint64_t last = (begin + size - 1) >> kRegionLog2;
    return number == last ? &regions_[number % kRegions] : nullptr;
  }

  Region regions_[kRegions];
};

}  // namespace dbgalloc::heap

#endif  // DBGALLOC_ALLOC_HEAP_RETIRED_REGIONS_H_
