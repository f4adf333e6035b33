// Memory for the heap's own records, apart from all user memory.
//
//   backing allocator --step--> [ link | used ........ | free ]  -> Take()
//
// Nothing is given back one by one: owners keep free lists of what they took.
#ifndef DBGALLOC_ALLOC_HEAP_METADATA_ARENA_H_
#define DBGALLOC_ALLOC_HEAP_METADATA_ARENA_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>

#include "dbgalloc/allocator.h"

namespace dbgalloc::heap {

// Not thread-safe: used under the span store's lock. Units are bytes.
class MetadataArena {
 public:
  // What is asked of the backing allocator.
  static constexpr size_t kMinAlignment = 64;

  // Takes memory from `backing` in pieces of at least `step` bytes.
  // Once it has grown, in steps that suit large pages. What it hands out is a
  // multiple of `unit`, a power of two, in place and size.
  void Init(Allocator* backing, size_t step, bool backing_zeroes,
            size_t unit = kMinAlignment);

  // Zeroed memory. Null: the backing allocator refused.
  void* Take(size_t size);

  template <typename T>
  T* TakeObject() {
    void* memory = Take(sizeof(T));
    return memory == nullptr ? nullptr : new (memory) T();
  }

  // Parts of what was handed out are being given back to the system: from now
  // on memory comes in small pages, and what came with a large one and was not
  // handed out goes back, too.
  void Shrink();

  // Gives everything back; all that was taken is gone.
  void ReleaseAll();

  // Bytes of it that are in memory now.
  size_t ResidentBytes() const;

  // Calls `visit` for each piece of memory that it has from the backing
  // allocator.
  template <typename Visitor>
  void ForEachPiece(const Visitor& visit) const {
    for (const Step* step = steps_; step != nullptr; step = step->next) {
      uintptr_t begin = reinterpret_cast<uintptr_t>(step);
      visit(begin, begin + step->size);
    }
  }

  // May be asked by any thread.
  size_t taken_bytes() const {
    return taken_bytes_.load(std::memory_order_relaxed);
  }

 private:
  struct Step {
    Step* next;
    size_t size;
    size_t alignment;
    bool is_in_large_pages;
  };

  bool AddStep(size_t needed);

  Allocator* backing_ = nullptr;
  size_t step_ = 0;
  size_t unit_ = kMinAlignment;
  bool backing_zeroes_ = false;
  Step* steps_ = nullptr;
  uintptr_t next_ = 0;
  uintptr_t end_ = 0;
  std::atomic<size_t> taken_bytes_{0};
};

}  // namespace dbgalloc::heap

#endif  // DBGALLOC_ALLOC_HEAP_METADATA_ARENA_H_
