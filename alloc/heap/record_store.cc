#include "alloc/heap/record_store.h"

namespace dbgalloc::heap {
namespace {

bool HasGuardedSlots(const Span& span) {
  return span.is_guarded && !span.is_large;
}

}  // namespace

void RecordStore::Init(const MetadataCells::Source& source, bool with_resizes) {
  source_ = source;
  with_resizes_ = with_resizes;
}

size_t RecordStore::BytesOf(const Span& span) const {
  size_t each = sizeof(BlockRecord);
  if (with_resizes_) each += sizeof(ResizeRecord);
  if (HasGuardedSlots(span)) each += sizeof(GuardedSlot);
  return RoundUp(each * span.slot_count, MetadataArena::kMinAlignment);
}

bool RecordStore::Take(Span* span) {
  MetadataCell cell = cells_[span->size_class].Take(source_, BytesOf(*span));
  if (cell.memory == nullptr) return false;
  span->records = static_cast<BlockRecord*>(cell.memory);
  span->record_slab = cell.slab;
  void* behind = span->records + span->slot_count;
  span->resizes = nullptr;
  if (with_resizes_) {
    span->resizes = static_cast<ResizeRecord*>(behind);
    behind = span->resizes + span->slot_count;
  }
  span->guarded =
      HasGuardedSlots(*span) ? static_cast<GuardedSlot*>(behind) : nullptr;
  return true;
}

void RecordStore::Give(Span* span) {
  cells_[span->size_class].Give(source_, {span->records, span->record_slab});
}

}  // namespace dbgalloc::heap
