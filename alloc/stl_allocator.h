// Containers of the standard library on any Allocator.
//
//   dbgalloc::DebugAllocator memory;
//   std::vector<int, dbgalloc::StlAllocator<int>> numbers(memory);
#ifndef DBGALLOC_ALLOC_STL_ALLOCATOR_H_
#define DBGALLOC_ALLOC_STL_ALLOCATOR_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <type_traits>

#include "dbgalloc/allocator.h"

namespace dbgalloc {

// What becomes of a request that the Allocator refuses.
enum class OnRefusal {
  kThrow,  // std::bad_alloc; where exceptions are off, the program aborts
  kNull,   // null, for code that looks; containers do not
};

// Every block is aligned to the larger of `kAlignment` and what T asks for.
// Names the Allocator, which must outlive all copies; copies compare equal when
// they name the same one, and travel with their container.
//
// Threads: as the Allocator.
template <typename T, std::size_t kAlignment = 1,
          OnRefusal kOnRefusal = OnRefusal::kThrow>
class StlAllocator {
  static_assert(kAlignment != 0 && (kAlignment & (kAlignment - 1)) == 0,
                "an alignment is a power of two");

 public:
  using value_type = T;
  using size_type = std::size_t;
  using difference_type = std::ptrdiff_t;
  // Containers that swap or move hand their memory over, and with it the one
  // who can take it back.
  using propagate_on_container_copy_assignment = std::true_type;
  using propagate_on_container_move_assignment = std::true_type;
  using propagate_on_container_swap = std::true_type;
  using is_always_equal = std::false_type;

  template <typename U>
  struct rebind {
    using other = StlAllocator<U, kAlignment, kOnRefusal>;
  };

  StlAllocator(Allocator& memory) noexcept  // NOLINT: containers convert
      : memory_(&memory) {}
  template <typename U>
  StlAllocator(  // NOLINT(google-explicit-constructor)
      const StlAllocator<U, kAlignment, kOnRefusal>& other) noexcept
      : memory_(&other.memory()) {}

  static constexpr std::size_t alignment() {
    return kAlignment > alignof(T) ? kAlignment : alignof(T);
  }
  static constexpr size_type max_size() noexcept {
    return static_cast<size_type>(PTRDIFF_MAX) / sizeof(T);
  }

  T* allocate(size_type count) {
    void* block = count > max_size()
                      ? nullptr
                      : memory_->Allocate(BytesOf(count), alignment());
    if (block == nullptr && kOnRefusal == OnRefusal::kThrow) Refuse(count);
    return static_cast<T*>(block);
  }

  void deallocate(T* block, size_type count) noexcept {
    if (block == nullptr) return;
    memory_->Deallocate(block, BytesOf(count), alignment());
  }

  Allocator& memory() const noexcept { return *memory_; }

 private:
  // An Allocator knows no empty blocks.
  static constexpr std::size_t BytesOf(size_type count) {
    return count == 0 ? 1 : count * sizeof(T);
  }

  [[noreturn]] static void Refuse(size_type count) {
#if defined(__cpp_exceptions)
    if (count > max_size()) throw std::bad_array_new_length();
    throw std::bad_alloc();
#else
    static_cast<void>(count);
    std::abort();
#endif
  }

  Allocator* memory_;
};

// The form whose allocate() returns null.
template <typename T, std::size_t kAlignment = 1>
using NothrowStlAllocator = StlAllocator<T, kAlignment, OnRefusal::kNull>;

template <typename T, typename U, std::size_t kAlignment, OnRefusal kOnRefusal>
bool operator==(const StlAllocator<T, kAlignment, kOnRefusal>& left,
                const StlAllocator<U, kAlignment, kOnRefusal>& right) noexcept {
  return &left.memory() == &right.memory();
}
template <typename T, typename U, std::size_t kAlignment, OnRefusal kOnRefusal>
bool operator!=(const StlAllocator<T, kAlignment, kOnRefusal>& left,
                const StlAllocator<U, kAlignment, kOnRefusal>& right) noexcept {
  return !(left == right);
}

}  // namespace dbgalloc

#endif  // DBGALLOC_ALLOC_STL_ALLOCATOR_H_
