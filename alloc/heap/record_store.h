// Arrays of block records, one a span: made from the metadata arena, used
// again when a span is forgotten.
#ifndef DBGALLOC_ALLOC_HEAP_RECORD_STORE_H_
#define DBGALLOC_ALLOC_HEAP_RECORD_STORE_H_

#include <cstddef>

#include "alloc/heap/metadata_arena.h"
#include "alloc/heap/size_classes.h"
#include "alloc/heap/span.h"
#include "dbgalloc/allocator.h"

namespace dbgalloc::heap {

// Not thread-safe: used under the span store's lock. Arrays of one class fit
// each other and wait in one list; a few as they are, the memory of the others
// is given back to the system until they are used again.
class RecordStore {
 public:
  // `pages` may be null: then no memory is given back.
  void Init(MetadataArena* arena, PageControl* pages, bool with_resizes);

  // Sets span->records (all kUnused) and span->resizes for its slots. False: no
  // memory.
  bool Take(Span* span);
  void Give(Span* span);

  size_t BytesOf(const Span& span) const;

 private:
  // The head of an array that waits to be used again.
  struct Waiting {
    Waiting* next;
    size_t count;  // arrays in the list from here on
    bool is_zero;  // all but this head
  };

  bool ReturnPages(uintptr_t begin, uintptr_t end);

  MetadataArena* arena_ = nullptr;
  PageControl* pages_ = nullptr;
  bool with_resizes_ = false;
  Waiting* waiting_[kMaxClasses + 1] = {};  // the last: large spans
};

}  // namespace dbgalloc::heap

#endif  // DBGALLOC_ALLOC_HEAP_RECORD_STORE_H_
