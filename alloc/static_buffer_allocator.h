// Memory out of a buffer that the caller owns: for programs without a system,
// and for tests that want little of it.
//
//   alignas(4096) static unsigned char buffer[1 << 20];
//   dbgalloc::StaticBufferAllocator memory(buffer, sizeof(buffer));
#ifndef DBGALLOC_ALLOC_STATIC_BUFFER_ALLOCATOR_H_
#define DBGALLOC_ALLOC_STATIC_BUFFER_ALLOCATOR_H_

#include <cstddef>
#include <cstdint>

#include "dbgalloc/allocator.h"

namespace dbgalloc {

// Keeps the free parts of the buffer in a list by address, in the free memory
// itself; neighbours are joined, so when everything is given back the buffer is
// one piece again. The first part that fits is taken.
//
// Not thread-safe. Needs nothing of a C or C++ library. Sizes are rounded up to
// kUnit. Time: proportional to the number of free parts. The memory is as the
// buffer is: not zero once it was used.
class StaticBufferAllocator final : public Allocator {
 public:
  static constexpr std::size_t kUnit = 2 * sizeof(void*);

  // The buffer must outlive this.
  StaticBufferAllocator(void* buffer, std::size_t size) { Start(buffer, size); }
  StaticBufferAllocator(const StaticBufferAllocator&) = delete;
  StaticBufferAllocator& operator=(const StaticBufferAllocator&) = delete;

  void* Allocate(std::size_t size, std::size_t alignment) override {
    return Take(size, alignment);
  }
  // Grows into free memory that follows, gives back what is cut off.
  bool Resize(void* block, std::size_t size, std::size_t /*alignment*/,
              std::size_t new_size) override {
    return Change(block, size, new_size);
  }
  void* Remap(void* block, std::size_t size, std::size_t /*alignment*/,
              std::size_t new_size) override {
    return Change(block, size, new_size) ? block : nullptr;
  }
  void Deallocate(void* block, std::size_t size,
                  std::size_t /*alignment*/) override {
    Give(block, size);
  }

  bool Owns(const void* address) const;
  std::size_t free_bytes() const { return free_bytes_; }
  // Bytes that one Allocate of alignment kUnit could still get.
  std::size_t largest_free() const;

 private:
  struct Part {
    Part* next;
    std::size_t size;

    std::uintptr_t begin() const {
      return reinterpret_cast<std::uintptr_t>(this);
    }
    std::uintptr_t end() const { return begin() + size; }
  };
  static_assert(sizeof(Part) <= kUnit, "a free part describes itself");

  void Start(void* buffer, std::size_t size);
  void* Take(std::size_t size, std::size_t alignment);
  bool Change(void* block, std::size_t size, std::size_t new_size);
  void Give(void* block, std::size_t size);
  void Insert(Part** link, std::uintptr_t begin, std::size_t size);

  std::uintptr_t begin_ = 0;
  std::uintptr_t end_ = 0;
  Part* free_ = nullptr;
  std::size_t free_bytes_ = 0;
};

}  // namespace dbgalloc

#endif  // DBGALLOC_ALLOC_STATIC_BUFFER_ALLOCATOR_H_
