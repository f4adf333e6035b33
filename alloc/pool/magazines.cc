#include "alloc/pool/magazines.h"

#include "alloc/os/pages.h"
#include "alloc/pool/pool_lock.h"

namespace dbgalloc::pool {
namespace {

constexpr size_t kAlignment = 16;

constexpr size_t BytesOf(size_t capacity) {
  size_t bytes = kLinkSize + capacity * sizeof(uintptr_t);
  return (bytes + kAlignment - 1) & ~(kAlignment - 1);
}

}  // namespace

uintptr_t* MagazineArena::Make(size_t capacity) {
  size_t bytes = BytesOf(capacity);
  PoolLockHolder holder(lock_);
  if (end_ - next_ < bytes) {
    size_t piece = bytes + kAlignment > kPiece ? bytes + kPiece : kPiece;
    piece = (piece + kPiece - 1) & ~(kPiece - 1);
    void* memory = os::MapPages(piece, os::PageSize());
    if (memory == nullptr) return nullptr;
    void** header = static_cast<void**>(memory);
    header[0] = pieces_;
    header[1] = reinterpret_cast<void*>(piece);
    pieces_ = memory;
    next_ = reinterpret_cast<uintptr_t>(memory) + kAlignment;
    end_ = reinterpret_cast<uintptr_t>(memory) + piece;
  }
  uintptr_t link = next_;
  next_ += bytes;
  return SlotsOf(link);
}

void MagazineArena::Destroy() {
  while (pieces_ != nullptr) {
    void** header = static_cast<void**>(pieces_);
    size_t size = reinterpret_cast<size_t>(header[1]);
    void* gone = pieces_;
    pieces_ = header[0];
    os::ReleasePages(gone, size);
  }
  next_ = 0;
  end_ = 0;
}

}  // namespace dbgalloc::pool
