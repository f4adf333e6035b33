// Memory for the heap's own state, with an inaccessible page on either side: no
// overflow of a block runs into it, wherever the system puts it.
//
//   | gap ... page | state, whole pages | page ... gap |
//             ^ inaccessible            ^ inaccessible
#ifndef DBGALLOC_ALLOC_HEAP_MEMORY_APART_H_
#define DBGALLOC_ALLOC_HEAP_MEMORY_APART_H_

#include <cstddef>
#include <cstdint>

#include "alloc/heap/size_classes.h"
#include "dbgalloc/allocator.h"

namespace dbgalloc::heap {

// Where the allocator has no pages, memory as it comes from there.
class MemoryApart {
 public:
  explicit MemoryApart(Allocator& backing)
      : backing_(backing), pages_(backing.page_control()) {}

  // Null: refused.
  void* Allocate(size_t size, size_t alignment) {
    if (pages_ == nullptr) return backing_.Allocate(size, alignment);
    size_t page = pages_->page_size();
    size_t gap = GapFor(alignment);
    void* memory = backing_.Allocate(TotalFor(size, gap), gap);
    if (memory == nullptr) return nullptr;
    char* begin = static_cast<char*>(memory) + gap;
    // Where the system refuses, state is as safe as the addresses are far.
    pages_->Retire(begin - page, page);
    pages_->Retire(begin + RoundUp(size, page), page);
    return begin;
  }

  void Deallocate(void* memory, size_t size, size_t alignment) {
    if (pages_ == nullptr) {
      backing_.Deallocate(memory, size, alignment);
      return;
    }
    size_t gap = GapFor(alignment);
    backing_.Deallocate(static_cast<char*>(memory) - gap, TotalFor(size, gap),
                        gap);
  }

 private:
  size_t GapFor(size_t alignment) const {
    size_t page = pages_->page_size();
    return alignment < page ? page : alignment;
  }
  size_t TotalFor(size_t size, size_t gap) const {
    return RoundUp(size, pages_->page_size()) + 2 * gap;
  }

  Allocator& backing_;
  PageControl* pages_;
};

}  // namespace dbgalloc::heap

#endif  // DBGALLOC_ALLOC_HEAP_MEMORY_APART_H_
