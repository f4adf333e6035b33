// Reads memory word by word, looking for pointers. Memory that cannot be read
// is passed over and counted.
#ifndef DBGALLOC_ALLOC_LEAK_WORD_SCAN_H_
#define DBGALLOC_ALLOC_LEAK_WORD_SCAN_H_

#include <cstddef>
#include <cstdint>

#include "alloc/leak/block_index.h"
#include "alloc/os/address_space.h"
#include "alloc/os/fault_guard.h"
#include "alloc/os/memory_map.h"
#include "alloc/os/pages.h"

namespace dbgalloc::leak {

// Addresses [begin, end).
struct Range {
  uintptr_t begin = 0;
  uintptr_t end = 0;
};

// Reads the ranges that `work` names until it has no more, and shows it each
// word that lies among the addresses of the index:
//
//   bool Next(Range* range);       // false: that was all
//   void OnWord(uintptr_t word);   // may make Next() name more
//
// A word that faults ends the reading at once wherever it is, so both must keep
// what they do in memory. Of large ranges, pages that were never touched are
// not read: a copy of the process would have to be given pages for them, and
// some are inaccessible.
template <typename Work>
class WordScan {
 public:
  WordScan(const BlockIndex& index, Work& work) : index_(index), work_(work) {}

  void Run() {
    uintptr_t fault = 0;
    while (!os::RunGuarded(&Read, this, &fault)) PassOver(fault);
  }

  // Bytes that could not be read.
  uint64_t unreadable() const { return unreadable_; }

 private:
  static constexpr uintptr_t kLarge = uintptr_t{64} << 10;
  static constexpr uintptr_t kWordMask = sizeof(uintptr_t) - 1;

  static void Read(void* self) { static_cast<WordScan*>(self)->ReadAll(); }

  void ReadAll() {
    for (;;) {
      while (current_.begin < current_.end) ReadSome();
      if (!work_.Next(&current_)) return;
      current_.begin = (current_.begin + kWordMask) & ~kWordMask;
      current_.end &= ~kWordMask;
    }
  }

  void ReadSome() {
    Range run = current_;
    if (MayHaveUntouchedPages(current_) &&
        !pages_.Find(current_.begin, current_.end, &run.begin, &run.end)) {
      current_.begin = current_.end;
      return;
    }
    current_.begin = run.begin;
    ReadWords(run);
    current_.begin = run.end;
  }

  // Blocks of the heap have none to speak of, unless they are large.
  bool MayHaveUntouchedPages(const Range& range) const {
    const uintptr_t size = range.end - range.begin;
    return size >= kLarge ||
           (size >= os::PageSize() && !index_.IsHeap(range.begin));
  }

  [[gnu::no_sanitize_address]] void ReadWords(Range run) {
    const uintptr_t lowest = index_.lowest();
    const uintptr_t extent = index_.extent();
    for (uintptr_t at = run.begin; at < run.end; at += sizeof(uintptr_t)) {
      const uintptr_t word =
          os::PlainAddress(*reinterpret_cast<const uintptr_t*>(at));
      if (__builtin_expect(word - lowest < extent, 0)) work_.OnWord(word);
    }
  }

  void PassOver(uintptr_t fault) {
    const uintptr_t page = os::PageSize();
    uintptr_t next = (fault & ~(page - 1)) + page;
    // The kernel does not name every address that faults.
    if (fault < current_.begin || fault >= current_.end) next = current_.end;
    if (next > current_.end) next = current_.end;
    const uintptr_t from =
        fault >= current_.begin && fault < next ? fault : current_.begin;
    unreadable_ += next - from;
    current_.begin = next;
  }

  const BlockIndex& index_;
  Work& work_;
  Range current_;
  os::TouchedPages pages_;
  uint64_t unreadable_ = 0;
};

}  // namespace dbgalloc::leak

#endif  // DBGALLOC_ALLOC_LEAK_WORD_SCAN_H_
