#include "alloc/heap/page_map.h"

namespace dbgalloc::heap {

void PageMap::Init(unsigned unit_log2) {
  unit_log2_ = unit_log2;
  top_shift_ = unit_log2;
  while (top_shift_ + kLevelBits < kAddressBits) top_shift_ += kLevelBits;
}

// The entry of an address. Missing nodes are made from `arena`; null: there is
// none and none was asked for, or the arena is out of memory.
std::atomic<uintptr_t>* PageMap::Leaf(uintptr_t address, MetadataArena* arena) {
  Node* node = &root_;
  for (unsigned shift = top_shift_;; shift -= kLevelBits) {
    std::atomic<uintptr_t>& entry =
        node->entries[(address >> shift) & (kEntries - 1)];
    if (shift == unit_log2_) return &entry;
    uintptr_t next = entry.load(std::memory_order_acquire);
    if (next == 0) {
      void* made = arena == nullptr ? nullptr : arena->Take(sizeof(Node));
      if (made == nullptr) return nullptr;
      next = reinterpret_cast<uintptr_t>(made);
      entry.store(next, std::memory_order_release);
    }
    node = reinterpret_cast<Node*>(next);
  }
}

bool PageMap::Register(uintptr_t begin, size_t size, Span* span,
                       MetadataArena& arena) {
  size_t unit = size_t{1} << unit_log2_;
  if (((begin + size - 1) >> kAddressBits) != 0) return false;
  for (size_t offset = 0; offset < size; offset += unit) {
    if (Leaf(begin + offset, &arena) == nullptr) return false;
  }
  Store(begin, size, reinterpret_cast<uintptr_t>(span));
  return true;
}

void PageMap::Forget(uintptr_t begin, size_t size, const Span* span) {
  size_t unit = size_t{1} << unit_log2_;
  for (size_t offset = 0; offset < size; offset += unit) {
    std::atomic<uintptr_t>* leaf = Leaf(begin + offset, nullptr);
    if (leaf != nullptr && leaf->load(std::memory_order_relaxed) ==
                               reinterpret_cast<uintptr_t>(span)) {
      leaf->store(kForgotten, std::memory_order_release);
    }
  }
}

void PageMap::Store(uintptr_t begin, size_t size, uintptr_t entry) {
  size_t unit = size_t{1} << unit_log2_;
  for (size_t offset = 0; offset < size; offset += unit) {
    std::atomic<uintptr_t>* leaf = Leaf(begin + offset, nullptr);
    if (leaf != nullptr) leaf->store(entry, std::memory_order_release);
  }
}

Span* PageMap::FindBelow(uintptr_t address, size_t units) const {
  uintptr_t unit = uintptr_t{1} << unit_log2_;
  for (size_t i = 0; i <= units && address >= i * unit; ++i) {
    Span* span = Find(address - i * unit).span;
    if (span != nullptr) return span;
  }
  return nullptr;
}

Span* PageMap::FindAbove(uintptr_t address, size_t units) const {
  uintptr_t unit = uintptr_t{1} << unit_log2_;
  for (size_t i = 0; i <= units && address + i * unit >= address; ++i) {
    Span* span = Find(address + i * unit).span;
    if (span != nullptr) return span;
  }
  return nullptr;
}

}  // namespace dbgalloc::heap
