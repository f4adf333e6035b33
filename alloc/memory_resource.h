// Between Allocator and std::pmr::memory_resource, in both directions.
//
//   dbgalloc::DebugAllocator memory;
//   dbgalloc::MemoryResource resource(memory);
//   std::pmr::vector<int> numbers(&resource);
#ifndef DBGALLOC_ALLOC_MEMORY_RESOURCE_H_
#define DBGALLOC_ALLOC_MEMORY_RESOURCE_H_

#include <cstddef>
#include <cstdlib>
#include <memory_resource>
#include <new>

#include "dbgalloc/allocator.h"

namespace dbgalloc {

// A memory_resource whose memory an Allocator makes. A refusal throws
// std::bad_alloc; where exceptions are off, the program aborts.
//
// Threads: as the Allocator, which must outlive this.
class MemoryResource final : public std::pmr::memory_resource {
 public:
  explicit MemoryResource(Allocator& memory) noexcept : memory_(memory) {}
  MemoryResource(const MemoryResource&) = delete;
  MemoryResource& operator=(const MemoryResource&) = delete;

  Allocator& memory() const noexcept { return memory_; }

 private:
  void* do_allocate(std::size_t size, std::size_t alignment) override {
    void* block = memory_.Allocate(AtLeastOne(size), alignment);
    if (block != nullptr) return block;
#if defined(__cpp_exceptions)
    throw std::bad_alloc();
#else
    std::abort();
#endif
  }
  void do_deallocate(void* block, std::size_t size,
                     std::size_t alignment) override {
    if (block == nullptr) return;
    memory_.Deallocate(block, AtLeastOne(size), alignment);
  }
  // Two resources over one Allocator are equal as far as that can be told.
  bool do_is_equal(
      const std::pmr::memory_resource& other) const noexcept override {
    if (this == &other) return true;
#if defined(__cpp_rtti)
    auto* resource = dynamic_cast<const MemoryResource*>(&other);
    return resource != nullptr && &resource->memory_ == &memory_;
#else
    return false;
#endif
  }

  // An Allocator knows no empty blocks.
  static constexpr std::size_t AtLeastOne(std::size_t size) {
    return size == 0 ? 1 : size;
  }

  Allocator& memory_;
};

// An Allocator whose memory a memory_resource makes. Its exceptions become
// null. Blocks cannot change their size: a resource wants to be told the old
// one.
//
// Threads: as the resource, which must outlive this.
class ResourceAllocator final : public Allocator {
 public:
  explicit ResourceAllocator(std::pmr::memory_resource& resource) noexcept
      : resource_(resource) {}
  ResourceAllocator(const ResourceAllocator&) = delete;
  ResourceAllocator& operator=(const ResourceAllocator&) = delete;

  void* Allocate(std::size_t size, std::size_t alignment) override {
#if defined(__cpp_exceptions)
    try {
      return resource_.allocate(size, alignment);
    } catch (...) {
      return nullptr;
    }
#else
    return resource_.allocate(size, alignment);
#endif
  }
  bool Resize(void* /*block*/, std::size_t size, std::size_t /*alignment*/,
              std::size_t new_size) override {
    return new_size == size;
  }
  void* Remap(void* block, std::size_t size, std::size_t /*alignment*/,
              std::size_t new_size) override {
    return new_size == size ? block : nullptr;
  }
  void Deallocate(void* block, std::size_t size,
                  std::size_t alignment) override {
    resource_.deallocate(block, size, alignment);
  }

 private:
  std::pmr::memory_resource& resource_;
};

}  // namespace dbgalloc

#endif  // DBGALLOC_ALLOC_MEMORY_RESOURCE_H_
