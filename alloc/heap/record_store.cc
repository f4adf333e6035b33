#include "alloc/heap/record_store.h"

namespace dbgalloc::heap {

void RecordStore::Init(const MetadataCells::Source& source, bool with_resizes) {
  source_ = source;
  with_resizes_ = with_resizes;
}

size_t RecordStore::BytesOf(const Span& span) const {
  size_t each = sizeof(BlockRecord);
  if (with_resizes_) each += sizeof(ResizeRecord);
  return RoundUp(each * span.slot_count, MetadataArena::kMinAlignment);
}

bool RecordStore::Take(Span* span) {
  MetadataCell cell = cells_[span->size_class].Take(source_, BytesOf(*span));
  if (cell.memory == nullptr) return false;
  span->records = static_cast<BlockRecord*>(cell.memory);
  span->record_slab = cell.slab;
  span->resizes = nullptr;
  if (with_resizes_) {
    span->resizes =
        reinterpret_cast<ResizeRecord*>(span->records + span->slot_count);
  }
  return true;
}

void RecordStore::Give(Span* span) {
  cells_[span->size_class].Give(source_, {span->records, span->record_slab});
}

}  // namespace dbgalloc::heap
