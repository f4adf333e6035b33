// Containers of the standard library on a PoolAllocator, with an alignment that
// can be set while the program runs.
//
//   dbgalloc::PoolAllocator pool;
//   dbgalloc::PoolStlAllocator<float> aligned(pool);
//   aligned.SetAlignment(64);
//   std::vector<float, dbgalloc::PoolStlAllocator<float>> numbers(aligned);
#ifndef DBGALLOC_ALLOC_POOL_STL_ALLOCATOR_H_
#define DBGALLOC_ALLOC_POOL_STL_ALLOCATOR_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <type_traits>

#include "dbgalloc/pool_allocator.h"

namespace dbgalloc {

// Blocks are aligned to the larger of what was set and what T asks for. In
// nothrow mode a refusal is null, for code that looks; containers do not.
// Copies have their own alignment and mode from then on; blocks may be given
// back through any copy, whatever is set then.
//
// Threads: as the pool, which must outlive all copies; one object belongs to
// one thread at a time.
template <typename T>
class PoolStlAllocator {
 public:
  using value_type = T;
  using size_type = std::size_t;
  using difference_type = std::ptrdiff_t;
  using propagate_on_container_copy_assignment = std::true_type;
  using propagate_on_container_move_assignment = std::true_type;
  using propagate_on_container_swap = std::true_type;
  using is_always_equal = std::false_type;

  PoolStlAllocator(PoolAllocator& pool) noexcept  // NOLINT: containers convert
      : pool_(&pool) {}
  template <typename U>
  PoolStlAllocator(  // NOLINT(google-explicit-constructor)
      const PoolStlAllocator<U>& other) noexcept
      : pool_(&other.pool()),
        alignment_(other.requested_alignment()),
        nothrow_(other.is_nothrow()) {}

  // False: not a power of two; the alignment before it stays.
  bool SetAlignment(size_type alignment) noexcept {
    if (alignment == 0 || (alignment & (alignment - 1)) != 0) return false;
    alignment_ = alignment;
    return true;
  }
  void SetNothrow(bool nothrow) noexcept { nothrow_ = nothrow; }

  size_type alignment() const noexcept {
    return alignment_ > alignof(T) ? alignment_ : alignof(T);
  }
  size_type requested_alignment() const noexcept { return alignment_; }
  bool is_nothrow() const noexcept { return nothrow_; }
  PoolAllocator& pool() const noexcept { return *pool_; }

  static constexpr size_type max_size() noexcept {
    return static_cast<size_type>(PTRDIFF_MAX) / sizeof(T);
  }

  T* allocate(size_type count) {
    void* block = nullptr;
    if (count <= max_size()) {
      block = pool_->Allocate(count == 0 ? 1 : count * sizeof(T), alignment());
    }
    if (block == nullptr && !nothrow_) Refuse();
    return static_cast<T*>(block);
  }

  void deallocate(T* block, size_type /*count*/) noexcept {
    pool_->Release(block);
  }

 private:
  [[noreturn]] static void Refuse() {
#if defined(__cpp_exceptions)
    throw std::bad_alloc();
#else
    std::abort();
#endif
  }

  PoolAllocator* pool_;
  size_type alignment_ = 1;
  bool nothrow_ = false;
};

template <typename T, typename U>
bool operator==(const PoolStlAllocator<T>& left,
                const PoolStlAllocator<U>& right) noexcept {
  return &left.pool() == &right.pool();
}
template <typename T, typename U>
bool operator!=(const PoolStlAllocator<T>& left,
                const PoolStlAllocator<U>& right) noexcept {
  return !(left == right);
}

}  // namespace dbgalloc

#endif  // DBGALLOC_ALLOC_POOL_STL_ALLOCATOR_H_
