// The C library's malloc as an Allocator.
#ifndef DBGALLOC_ALLOC_SYSTEM_ALLOCATOR_H_
#define DBGALLOC_ALLOC_SYSTEM_ALLOCATOR_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "dbgalloc/allocator.h"

namespace dbgalloc {

// Blocks are those of malloc or aligned_alloc, and free() takes them. They
// shrink in place, which frees nothing; Remap of blocks without special
// alignment is realloc.
//
// Thread-safe, without state: all instances are one. The memory is not zero.
class SystemAllocator final : public Allocator {
 public:
  constexpr SystemAllocator() = default;

  void* Allocate(std::size_t size, std::size_t alignment) override {
    if (alignment <= alignof(std::max_align_t)) return std::malloc(size);
    if (size > SIZE_MAX - alignment) return nullptr;
    // aligned_alloc wants a multiple of the alignment.
    std::size_t rounded = (size + alignment - 1) & ~(alignment - 1);
    return std::aligned_alloc(alignment, rounded);
  }
  bool Resize(void* /*block*/, std::size_t size, std::size_t /*alignment*/,
              std::size_t new_size) override {
    return new_size <= size;
  }
  void* Remap(void* block, std::size_t size, std::size_t alignment,
              std::size_t new_size) override {
    if (new_size <= size) return block;
    if (alignment > alignof(std::max_align_t)) return nullptr;
    return std::realloc(block, new_size);
  }
  void Deallocate(void* block, std::size_t /*size*/,
                  std::size_t /*alignment*/) override {
    std::free(block);
  }
};

}  // namespace dbgalloc

#endif  // DBGALLOC_ALLOC_SYSTEM_ALLOCATOR_H_
