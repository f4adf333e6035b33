#include "alloc/interpose/bootstrap_arena.h"

#include <new>

#include "alloc/base/check.h"
#include "alloc/os/pages.h"

namespace dbgalloc::interpose {

// Stands right before the payload, and stays valid while the cell is free.
struct BootstrapArena::CellHeader {
  std::atomic<bool> live;
  uint8_t cell_class;
  uint32_t payload_offset;  // from the cell's beginning
  uint64_t size;            // as asked for
};

namespace {

constexpr size_t kHeaderSize = 16;
constexpr size_t kGrantedAlignment = 16;
constexpr size_t kMaxAlignment = size_t{1} << 30;  // fits payload_offset
constexpr size_t kMinRegionSize = size_t{1} << 20;
constexpr unsigned kMinClass = 5;

unsigned ClassOf(size_t bytes) {
  unsigned cell_class = kMinClass;
  while ((size_t{1} << cell_class) < bytes) ++cell_class;
  return cell_class;
}

// A free cell's second word links to the next one; the first may belong to the
// header, whose `live` must stay readable.
uintptr_t& NextOf(uintptr_t cell) {
  return *reinterpret_cast<uintptr_t*>(cell + sizeof(uint64_t));
}

}  // namespace

void* BootstrapArena::Allocate(size_t size, size_t alignment) {
  static_assert(sizeof(CellHeader) == kHeaderSize);
  if (alignment < kGrantedAlignment) alignment = kGrantedAlignment;
  if (alignment > kMaxAlignment) return nullptr;
  size_t bytes = kHeaderSize + (alignment - kGrantedAlignment);
  if (size >= (size_t{1} << (kClasses - 1)) - bytes) return nullptr;
  unsigned cell_class = ClassOf(bytes + size);
  uintptr_t cell = PopFreeCell(cell_class);
  if (cell == 0) cell = CutCell(cell_class);
  if (cell == 0) return nullptr;
  uintptr_t payload =
      (cell + kHeaderSize + alignment - 1) & ~(uintptr_t{alignment} - 1);
  CellHeader* header =
      new (reinterpret_cast<void*>(payload - kHeaderSize)) CellHeader;
  header->cell_class = static_cast<uint8_t>(cell_class);
  header->payload_offset = static_cast<uint32_t>(payload - cell);
  header->size = size;
  header->live.store(true, std::memory_order_relaxed);
  return reinterpret_cast<void*>(payload);
}

void BootstrapArena::Free(void* block) {
  CellHeader* header = HeaderOf(block);
  if (!header->live.exchange(false, std::memory_order_acq_rel)) return;
  unsigned cell_class = header->cell_class;
  DBG_CHECK_LT(cell_class, kClasses);
  uintptr_t cell = reinterpret_cast<uintptr_t>(block) - header->payload_offset;
  if (!TryLockLists()) return;
  NextOf(cell) = free_cells_[cell_class];
  free_cells_[cell_class] = cell;
  lists_lock_.Unlock();
}

size_t BootstrapArena::UsableSize(const void* block) const {
  return static_cast<size_t>(HeaderOf(block)->size);
}

BootstrapArena::CellHeader* BootstrapArena::HeaderOf(const void* block) {
  return reinterpret_cast<CellHeader*>(reinterpret_cast<uintptr_t>(block) -
                                       kHeaderSize);
}

bool BootstrapArena::TryLockLists() {
  constexpr int kAttempts = 100;
  for (int i = 0; i < kAttempts; ++i) {
    if (!lists_lock_.IsHeld() && lists_lock_.TryLock()) return true;
  }
  return false;
}

uintptr_t BootstrapArena::PopFreeCell(unsigned cell_class) {
  if (!TryLockLists()) return 0;
  uintptr_t cell = free_cells_[cell_class];
  if (cell != 0) free_cells_[cell_class] = NextOf(cell);
  lists_lock_.Unlock();
  return cell;
}

uintptr_t BootstrapArena::CutCell(unsigned cell_class) {
  size_t size = size_t{1} << cell_class;
  // The first caller claims slot 0 for the static region; until it is there,
  // others take a region of their own.
  uint32_t unclaimed = 0;
  if (region_count_.compare_exchange_strong(unclaimed, 1)) {
    Region& region = regions_[0];
    uintptr_t begin = reinterpret_cast<uintptr_t>(static_region_);
    region.begin.store(begin, std::memory_order_relaxed);
    region.next.store(begin, std::memory_order_relaxed);
    region.end.store(begin + kStaticSize, std::memory_order_release);
  }
  uint32_t count = region_count_.load(std::memory_order_acquire);
  if (count > kMaxRegions) count = kMaxRegions;
  for (uint32_t i = count; i > 0; --i) {
    uintptr_t cell = CutFrom(regions_[i - 1], size);
    if (cell != 0) return cell;
  }
  return CutFromNewRegion(size);
}

uintptr_t BootstrapArena::CutFrom(Region& region, size_t size) {
  uintptr_t end = region.end.load(std::memory_order_acquire);
  if (end == 0) return 0;
  uintptr_t next = region.next.load(std::memory_order_relaxed);
  do {
    if (end - next < size) return 0;
  } while (!region.next.compare_exchange_weak(next, next + size,
                                              std::memory_order_relaxed));
  return next;
}

uintptr_t BootstrapArena::CutFromNewRegion(size_t size) {
  uint32_t count = region_count_.load(std::memory_order_relaxed);
  if (count >= kMaxRegions) return 0;
  // Later regions are longer, so that the slots last.
  size_t region_size = kMinRegionSize << (count < 20 ? count / 2 : 10);
  if (region_size < size) region_size = size;
  void* begin = os::MapPages(region_size, os::PageSize());
  if (begin == nullptr && region_size > kMinRegionSize) {
    region_size = size < kMinRegionSize ? kMinRegionSize : size;
    begin = os::MapPages(region_size, os::PageSize());
  }
  if (begin == nullptr) return 0;
  uint32_t slot = region_count_.fetch_add(1, std::memory_order_acq_rel);
  if (slot >= kMaxRegions) {
    os::ReleasePages(begin, region_size);
    return 0;
  }
  uintptr_t first = reinterpret_cast<uintptr_t>(begin);
  Region& region = regions_[slot];
  region.begin.store(first, std::memory_order_relaxed);
  region.next.store(first + size, std::memory_order_relaxed);
  region.end.store(first + region_size, std::memory_order_release);
  return first;
}

void BootstrapArena::PrepareFork() { locked_for_fork_ = TryLockLists(); }

void BootstrapArena::FinishForkInParent() {
  if (locked_for_fork_) lists_lock_.Unlock();
}

void BootstrapArena::FinishForkInChild() {
  if (!locked_for_fork_) {
    for (uintptr_t& cell : free_cells_) cell = 0;
  }
  lists_lock_.Unlock();
}

}  // namespace dbgalloc::interpose
