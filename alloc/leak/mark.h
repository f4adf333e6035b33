// Marks what can be reached: roots are pushed, then followed through blocks and
// foreign memory until nothing new is found.
#ifndef DBGALLOC_ALLOC_LEAK_MARK_H_
#define DBGALLOC_ALLOC_LEAK_MARK_H_

#include <cstddef>
#include <cstdint>

#include "alloc/leak/block_index.h"
#include "alloc/leak/foreign_memory.h"
#include "alloc/leak/scan_memory.h"
#include "alloc/leak/word_scan.h"
#include "alloc/leak/work_list.h"
#include "alloc/os/address_space.h"

namespace dbgalloc::leak {

class Mark {
 public:
  Mark(BlockIndex& index, ForeignMemory& foreign)
      : index_(index), foreign_(foreign), scan_(index, *this) {}

  // For at most `roots` calls of PushRoot(). False: no memory.
  bool Reserve(size_t roots, ScanMemory* memory) {
    return list_.Reserve(roots + index_.live_blocks() + foreign_.ranges(index_),
                         memory);
  }

  void PushRoot(Range range) { list_.Push(range); }
  // What the word points to, as if it had been read somewhere.
  void Follow(uintptr_t word) {
    word = os::PlainAddress(word);
    if (word - index_.lowest() < index_.extent()) OnWord(word);
  }
  // The block can be reached. Nothing when it was seen before.
  void See(BlockPlace place) {
    const uint64_t bit = uint64_t{1} << (place.slot % 64);
    if ((place.entry->unseen[place.slot / 64] & bit) == 0) return;
    BlockIndex::SetSeen(place);
    PushBlock(place);
  }

  // The block that the word points to can be reached, and so can the blocks
  // that it points to, but these are not looked into.
  void SeeTable(uintptr_t word) {
    const BlockPlace table = SeeOnly(word);
    if (!table) return;
    const auto* words = reinterpret_cast<uintptr_t*>(index_.UserBegin(table));
    const size_t count = index_.SizeOf(table) / sizeof(uintptr_t);
    for (size_t i = 0; i < count; ++i) SeeOnly(words[i]);
  }

  // Follows everything pushed so far.
  void Run() { scan_.Run(); }

  uint64_t unreadable() const { return scan_.unreadable(); }

  // --- of WordScan ---
  bool Next(Range* range) { return list_.Pop(range); }
  void OnWord(uintptr_t word) {
    const BlockPlace place = index_.FindUnseen(word);
    if (place) {
      BlockIndex::SetSeen(place);
      PushBlock(place);
    } else if (__builtin_expect(index_.IsNearForeign(word), 0)) {
      foreign_.Take(word, &index_, [this](Range part) { list_.Push(part); });
    }
  }

 private:
  BlockPlace SeeOnly(uintptr_t word) {
    word = os::PlainAddress(word);
    if (word - index_.lowest() >= index_.extent()) return {};
    const BlockPlace place = index_.FindUnseen(word);
    if (place) BlockIndex::SetSeen(place);
    return place;
  }

  void PushBlock(BlockPlace place) {
    const uintptr_t begin = index_.UserBegin(place);
    const auto size = static_cast<size_t>(index_.SizeOf(place));
    if (size < sizeof(uintptr_t)) return;
    __builtin_prefetch(reinterpret_cast<const void*>(begin));
    list_.Push({begin, begin + size});
  }

  BlockIndex& index_;
  ForeignMemory& foreign_;
  WorkList list_;
  WordScan<Mark> scan_;
};

}  // namespace dbgalloc::leak

#endif  // DBGALLOC_ALLOC_LEAK_MARK_H_
