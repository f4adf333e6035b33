#include "alloc/heap/page_map.h"

namespace dbgalloc::heap {

void PageMap::Init(unsigned unit_log2) {
  unit_log2_ = unit_log2;
  top_shift_ = unit_log2;
  while (top_shift_ + kLevelBits < kAddressBits) top_shift_ += kLevelBits;
}

static_assert(PageMap::kMostAddressBits - PageMap::kAddressBits <= 10,
              "the parts beyond are indexed by one node");

// From 1 on: part 0 is what root_ covers.
size_t PageMap::FarPart(uintptr_t address) {
  if constexpr (kAddressBits < sizeof(uintptr_t) * 8) {
    return address >> kAddressBits;
  } else {
    return 0;
  }
}

const PageMap::Node* PageMap::FarRoot(uintptr_t address) const {
  const Node* roots = far_roots_.load(std::memory_order_acquire);
  const size_t part = FarPart(address);
  if (roots == nullptr || part >= kEntries) return nullptr;
  return reinterpret_cast<const Node*>(
      roots->entries[part].load(std::memory_order_acquire));
}

PageMap::Node* PageMap::MadeFarRoot(uintptr_t address, MetadataArena* arena) {
  Node* roots = far_roots_.load(std::memory_order_relaxed);
  if (roots == nullptr) {
    roots = arena == nullptr ? nullptr : TakeNode(*arena);
    if (roots == nullptr) return nullptr;
    far_roots_.store(roots, std::memory_order_release);
  }
  return Below(roots->entries[FarPart(address)], arena);
}

PageMap::Node* PageMap::TakeNode(MetadataArena& arena) {
  return static_cast<Node*>(arena.Take(sizeof(Node)));
}

PageMap::Node* PageMap::Below(std::atomic<uintptr_t>& entry,
                              MetadataArena* arena) {
  const uintptr_t present = entry.load(std::memory_order_acquire);
  if (present != 0) return reinterpret_cast<Node*>(present);
  Node* made = arena == nullptr ? nullptr : TakeNode(*arena);
  if (made != nullptr) {
    entry.store(reinterpret_cast<uintptr_t>(made), std::memory_order_release);
  }
  return made;
}

// The entry of an address. Missing nodes are made from `arena`; null: there is
// none and none was asked for, or the arena is out of memory.
std::atomic<uintptr_t>* PageMap::Leaf(uintptr_t address, MetadataArena* arena) {
  Node* node =
      os::IsBelow<kAddressBits>(address) ? &root_ : MadeFarRoot(address, arena);
  for (unsigned shift = top_shift_; node != nullptr; shift -= kLevelBits) {
    std::atomic<uintptr_t>& entry =
        node->entries[(address >> shift) & (kEntries - 1)];
    if (shift == unit_log2_) return &entry;
    node = Below(entry, arena);
  }
  return nullptr;
}

bool PageMap::Register(uintptr_t begin, size_t size, Span* span,
                       MetadataArena& arena) {
  size_t unit = size_t{1} << unit_log2_;
  const uintptr_t last = begin + size - 1;
  if (last < begin || !os::IsBelow<kMostAddressBits>(last)) return false;
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
