#include "alloc/pool/unit_map.h"

#include <string.h>

#include "alloc/os/pages.h"

namespace dbgalloc::pool {

constinit UnitKind UnitMap::no_units[kUnitsInLeaf] = {};

UnitMap::UnitMap() {
  for (std::atomic<UnitKind*>& slot : leaves_) {
    slot.store(no_units, std::memory_order_relaxed);
  }
}

UnitKind* UnitMap::Leaf(uintptr_t address) {
  std::atomic<UnitKind*>& slot = leaves_[address >> kLeafLog2];
  UnitKind* leaf = slot.load(std::memory_order_acquire);
  if (leaf != no_units) return leaf;
  leaf = static_cast<UnitKind*>(os::MapPages(kUnitsInLeaf, os::PageSize()));
  if (leaf != nullptr) slot.store(leaf, std::memory_order_release);
  return leaf;
}

bool UnitMap::Set(uintptr_t begin, size_t size, UnitKind kind) {
  uintptr_t last = begin + size - 1;
  if (last < begin || (last >> kLeafLog2) >= kLeaves) return false;
  for (uintptr_t at = begin >> kLeafLog2; at <= last >> kLeafLog2; ++at) {
    if (Leaf(at << kLeafLog2) == nullptr) return false;
  }
  for (uintptr_t unit = begin >> kUnitLog2; unit <= last >> kUnitLog2; ++unit) {
    UnitKind* leaf = Leaf(unit << kUnitLog2);
    __atomic_store_n(&leaf[unit & (kUnitsInLeaf - 1)], kind, __ATOMIC_RELAXED);
  }
  return true;
}

void UnitMap::Destroy() {
  for (std::atomic<UnitKind*>& slot : leaves_) {
    UnitKind* leaf = slot.exchange(no_units);
    if (leaf != no_units) os::ReleasePages(leaf, kUnitsInLeaf);
  }
}

size_t UnitMap::leaf_bytes() const {
  size_t bytes = 0;
  for (const std::atomic<UnitKind*>& slot : leaves_) {
    if (slot.load(std::memory_order_relaxed) != no_units) bytes += kUnitsInLeaf;
  }
  return bytes;
}

}  // namespace dbgalloc::pool
