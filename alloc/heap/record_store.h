// Arrays of block records, one a span: used again, or given back to the system,
// when a span is forgotten.
#ifndef DBGALLOC_ALLOC_HEAP_RECORD_STORE_H_
#define DBGALLOC_ALLOC_HEAP_RECORD_STORE_H_

#include <cstddef>

#include "alloc/heap/metadata_cells.h"
#include "alloc/heap/size_classes.h"
#include "alloc/heap/span.h"

namespace dbgalloc::heap {

// Not thread-safe: used under the span store's lock. Arrays of one class fit
// each other.
class RecordStore {
 public:
  void Init(const MetadataCells::Source& source, bool with_resizes);

  // Sets span->records (all kUnused) and span->resizes for its slots. False: no
  // memory.
  bool Take(Span* span);
  // The span keeps its pointer: a thread that looks a stray address up just now
  // may still read there, and finds nonsense, but memory.
  void Give(Span* span);

  size_t BytesOf(const Span& span) const;

 private:
  MetadataCells::Source source_;
  bool with_resizes_ = false;
  MetadataCells cells_[kAllClasses];
};

}  // namespace dbgalloc::heap

#endif  // DBGALLOC_ALLOC_HEAP_RECORD_STORE_H_
