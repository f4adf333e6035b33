// From an address to the span that holds it, for any value of a word.
//
//   address  47                 unit_log2           0
//            | level 0 | level 1 | level 2 | offset |   10 bits a level
//
// Where a system gives addresses beyond the usual ones, to those who ask for
// them, each such part of the address space has a tree of its own.
//
// A radix tree: look-ups are a few dependent loads without a lock; changes are
// made under the span store's lock. Nodes are never freed one by one, so a
// reader never meets one that is gone.
#ifndef DBGALLOC_ALLOC_HEAP_PAGE_MAP_H_
#define DBGALLOC_ALLOC_HEAP_PAGE_MAP_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "alloc/heap/metadata_arena.h"
#include "alloc/os/address_space.h"

namespace dbgalloc::heap {

struct Span;

// What the page map knows of an address.
struct PageMapAnswer {
  Span* span = nullptr;    // the span registered there, live or retired
  bool forgotten = false;  // a span was there; its record is gone
};

class PageMap {
 public:
  // Usual addresses lie below 2^kAddressBits; others take one look-up more.
  static constexpr unsigned kAddressBits = os::kAddressBits;
  // No address lies above this.
  static constexpr unsigned kMostAddressBits = os::kMostAddressBits;

  void Init(unsigned unit_log2);

  PageMapAnswer Find(uintptr_t address) const {
    const Node* node = &root_;
    if (__builtin_expect(!os::IsBelow<kAddressBits>(address), 0)) {
      node = FarRoot(address);
      if (node == nullptr) return {};
    }
    for (unsigned shift = top_shift_;; shift -= kLevelBits) {
      uintptr_t entry = node->entries[(address >> shift) & (kEntries - 1)].load(
          std::memory_order_acquire);
      if (shift == unit_log2_) return Answer(entry);
      if (entry == 0) return {};
      node = reinterpret_cast<const Node*>(entry);
    }
  }

  // Registers `span` for [begin, begin + size), whole units. False: no memory
  // for a node, or no such address can be; nothing is registered.
  bool Register(uintptr_t begin, size_t size, Span* span, MetadataArena& arena);

  // Where `span` is registered in the range, it is known only that something
  // was there once. Units that a newer span has taken stay that one's.
  void Forget(uintptr_t begin, size_t size, const Span* span);
  // Nothing is known of the range any more.
  void Clear(uintptr_t begin, size_t size) { Store(begin, size, 0); }

  // The nearest registered span below and above an address, looking at most
  // `units` units away. Null: none.
  Span* FindBelow(uintptr_t address, size_t units) const;
  Span* FindAbove(uintptr_t address, size_t units) const;

 private:
  static constexpr unsigned kLevelBits = 10;
  static constexpr size_t kEntries = size_t{1} << kLevelBits;
  static constexpr uintptr_t kForgotten = 1;

  struct Node {
    std::atomic<uintptr_t> entries[kEntries];
  };

  static PageMapAnswer Answer(uintptr_t entry) {
    if (entry == kForgotten) return {nullptr, true};
    return {reinterpret_cast<Span*>(entry), false};
  }

  // The tree of a part beyond the usual addresses; null: there is none.
  const Node* FarRoot(uintptr_t address) const;
  Node* MadeFarRoot(uintptr_t address, MetadataArena* arena);
  static size_t FarPart(uintptr_t address);

  static Node* TakeNode(MetadataArena& arena);
  // The node that an entry leads to, made if need be and there is an arena.
  static Node* Below(std::atomic<uintptr_t>& entry, MetadataArena* arena);
  std::atomic<uintptr_t>* Leaf(uintptr_t address, MetadataArena* arena);
  void Store(uintptr_t begin, size_t size, uintptr_t entry);

  unsigned unit_log2_ = 0;
  unsigned top_shift_ = 0;
  std::atomic<Node*> far_roots_{nullptr};  // indexed by FarPart()
  Node root_{};
};

}  // namespace dbgalloc::heap

#endif  // DBGALLOC_ALLOC_HEAP_PAGE_MAP_H_
