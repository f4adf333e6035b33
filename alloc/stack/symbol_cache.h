// What was found at each program counter, so that a report with many stacks
// looks each frame up once.
#ifndef DBGALLOC_ALLOC_STACK_SYMBOL_CACHE_H_
#define DBGALLOC_ALLOC_STACK_SYMBOL_CACHE_H_

#include <cstddef>
#include <cstdint>

#include "alloc/stack/report_arena.h"
#include "alloc/stack/symbol_frame.h"

namespace dbgalloc::stack {

// The functions at one address, innermost first; the texts are the arena's.
struct CachedFrames {
  const SymbolFrame* frames = nullptr;
  size_t count = 0;  // 0: not looked up yet
};

// A hash table that grows. Its memory is the arena's and goes with it.
// Threads: one at a time. Trivially destroyed.
class SymbolCache {
 public:
  constexpr SymbolCache() = default;
  SymbolCache(const SymbolCache&) = delete;
  SymbolCache& operator=(const SymbolCache&) = delete;

  CachedFrames Find(uintptr_t address) const;

  // Copies the frames. Without memory nothing is kept.
  void Insert(uintptr_t address, const SymbolFrame* frames, size_t count,
              ReportArena& arena);

  // To be called when the arena is dropped.
  void Forget();

 private:
  struct Entry {
    uintptr_t address;
    CachedFrames found;
  };

  bool Grow(ReportArena& arena);
  static Entry* Slot(Entry* entries, size_t capacity, uintptr_t address);

  Entry* entries_ = nullptr;
  size_t capacity_ = 0;  // a power of two
  size_t size_ = 0;
};

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_SYMBOL_CACHE_H_
