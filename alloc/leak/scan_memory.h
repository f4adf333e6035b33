// Memory for one leak scan: taken from the kernel, never from the heap that is
// being looked at, and given back whole.
#ifndef DBGALLOC_ALLOC_LEAK_SCAN_MEMORY_H_
#define DBGALLOC_ALLOC_LEAK_SCAN_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <new>

#include "alloc/os/pages.h"

namespace dbgalloc::leak {

// Hands out zeroed memory from pieces of kPieceSize or more. Not thread-safe.
class ScanMemory {
 public:
  ScanMemory() = default;
  ~ScanMemory() {
    while (newest_ != nullptr) {
      Piece* piece = newest_;
      newest_ = piece->older;
      os::ReleasePages(piece, piece->size);
    }
  }
  ScanMemory(const ScanMemory&) = delete;
  ScanMemory& operator=(const ScanMemory&) = delete;

  // Null: the kernel refused. What is never touched costs addresses only.
  template <typename T>
  T* Take(size_t count) {
    static_assert(alignof(T) <= kAlignment);
    return static_cast<T*>(TakeBytes(count * sizeof(T)));
  }

  // Calls `visit(begin, end)` for each piece.
  template <typename Visitor>
  void ForEachPiece(const Visitor& visit) const {
    for (Piece* piece = newest_; piece != nullptr; piece = piece->older) {
      const uintptr_t begin = reinterpret_cast<uintptr_t>(piece);
      visit(begin, begin + piece->size);
    }
  }

 private:
  static constexpr size_t kPieceSize = size_t{1} << 20;
  static constexpr size_t kAlignment = 64;

  struct alignas(kAlignment) Piece {
    Piece* older;
    size_t size;
  };

  static size_t RoundUp(size_t size, size_t unit) {
    return (size + unit - 1) / unit * unit;
  }

  void* TakeBytes(size_t size) {
    size = RoundUp(size, kAlignment);
    if (size > end_ - next_ && !AddPiece(size)) return nullptr;
    void* taken = reinterpret_cast<void*>(next_);
    next_ += size;
    return taken;
  }

  bool AddPiece(size_t needed) {
    size_t size = needed + sizeof(Piece);
    if (size < kPieceSize) size = kPieceSize;
    size = RoundUp(size, os::PageSize());
    void* memory = os::MapPages(size, os::PageSize());
    if (memory == nullptr) return false;
    newest_ = new (memory) Piece{newest_, size};
    next_ = reinterpret_cast<uintptr_t>(newest_ + 1);
    end_ = reinterpret_cast<uintptr_t>(memory) + size;
    return true;
  }

  Piece* newest_ = nullptr;
  uintptr_t next_ = 0;
  uintptr_t end_ = 0;
};

}  // namespace dbgalloc::leak

#endif  // DBGALLOC_ALLOC_LEAK_SCAN_MEMORY_H_
