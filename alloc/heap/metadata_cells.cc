#include "alloc/heap/metadata_cells.h"

#include <cstring>
#include <new>

#include "alloc/heap/size_classes.h"

namespace dbgalloc::heap {

struct MetadataSlab {
  MetadataSlab* next = nullptr;
  MetadataSlab* previous = nullptr;  // among those with room
  uintptr_t begin = 0;
  size_t size = 0;
  size_t cell_size = 0;
  uint32_t cells = 0;
  uint32_t used = 0;
  uint32_t fresh = 0;     // cells from here on were not used since it was zero
  bool has_room = false;  // it is in that list
  void* free_cells = nullptr;  // linked by their first word
};

namespace {

constexpr size_t kSlabSize = size_t{64} << 10;
// Larger cells have a slab each, so that none keeps another's memory.
constexpr size_t kLargestShared = size_t{16} << 10;
// Without pages nothing is given back, and memory may be short.
constexpr size_t kCellsWithoutPages = 8;
constexpr size_t kSmallWithoutPages = 1024;
size_t SlabSizeFor(const PageControl* pages, size_t cell_size) {
  if (pages == nullptr) {
    return cell_size *
           (cell_size < kSmallWithoutPages ? kCellsWithoutPages : 1);
  }
  size_t page = pages->page_size();
  if (cell_size > kLargestShared) return RoundUp(cell_size, page);
  return kSlabSize < page ? page : kSlabSize;
}

void*& NextOf(void* cell) { return *static_cast<void**>(cell); }

}  // namespace

MetadataSlab* MetadataCells::NewSlab(const Source& source, size_t size) {
  MetadataSlab* slab = source.headers->TakeObject<MetadataSlab>();
  if (slab == nullptr) return nullptr;
  slab->size = SlabSizeFor(source.pages, size);
  slab->cell_size = size;
  slab->cells = static_cast<uint32_t>(slab->size / size);
  void* memory = source.slabs->Take(slab->size);
  if (memory == nullptr) return nullptr;
  slab->begin = reinterpret_cast<uintptr_t>(memory);
  return slab;
}

void MetadataCells::AddWithRoom(MetadataSlab* slab) {
  slab->has_room = true;
  slab->previous = nullptr;
  slab->next = with_room_;
  if (with_room_ != nullptr) with_room_->previous = slab;
  with_room_ = slab;
}

void MetadataCells::RemoveWithRoom(MetadataSlab* slab) {
  slab->has_room = false;
  (slab->previous == nullptr ? with_room_ : slab->previous->next) = slab->next;
  if (slab->next != nullptr) slab->next->previous = slab->previous;
}

// In use, else lately used, else without memory, else new.
MetadataSlab* MetadataCells::SlabWithRoom(const Source& source, size_t size) {
  if (with_room_ != nullptr) return with_room_;
  MetadataSlab* slab = empty_.first;
  if (slab != nullptr) {
    empty_.first = slab->next;
    if (empty_.first == nullptr) empty_.last = nullptr;
    --empty_count_;
  } else if (discarded_ != nullptr) {
    slab = discarded_;
    discarded_ = slab->next;
  } else {
    slab = NewSlab(source, size);
    if (slab == nullptr) return nullptr;
  }
  AddWithRoom(slab);
  return slab;
}

MetadataCell MetadataCells::Take(const Source& source, size_t size) {
  size = RoundUp(size, MetadataArena::kMinAlignment);
  MetadataSlab* slab = SlabWithRoom(source, size);
  if (slab == nullptr) return {};
  void* cell = slab->free_cells;
  if (cell != nullptr) {
    slab->free_cells = NextOf(cell);
    memset(cell, 0, size);
  } else {
    cell = reinterpret_cast<void*>(slab->begin + slab->fresh * size);
    ++slab->fresh;
  }
  if (++slab->used == slab->cells) RemoveWithRoom(slab);
  return {cell, slab};
}

void MetadataCells::Give(const Source& source, const MetadataCell& cell) {
  MetadataSlab* slab = cell.slab;
  NextOf(cell.memory) = slab->free_cells;
  slab->free_cells = cell.memory;
  --slab->used;
  if (slab->used == 0) {
    if (slab->has_room) RemoveWithRoom(slab);
    KeepEmpty(source, slab);
  } else if (!slab->has_room) {
    AddWithRoom(slab);
  }
}

// The slab joins the warm ones; the oldest of them gives its memory back.
void MetadataCells::KeepEmpty(const Source& source, MetadataSlab* slab) {
  slab->next = nullptr;
  (empty_.last == nullptr ? empty_.first : empty_.last->next) = slab;
  empty_.last = slab;
  if (++empty_count_ <= source.warm_slabs) return;
  MetadataSlab* oldest = empty_.first;
  if (source.pages == nullptr ||
      !source.pages->Discard(reinterpret_cast<void*>(oldest->begin),
                             oldest->size)) {
    return;
  }
  source.slabs->Shrink();
  empty_.first = oldest->next;
  --empty_count_;
  oldest->free_cells = nullptr;
  oldest->fresh = 0;
  oldest->next = discarded_;
  discarded_ = oldest;
}

}  // namespace dbgalloc::heap
