#include "alloc/heap/record_store.h"

#include <cstring>
#include <new>

namespace dbgalloc::heap {
namespace {

// Arrays of a class that are kept as they are for the next span.
constexpr size_t kWarmArrays = 2;

}  // namespace

void RecordStore::Init(MetadataArena* arena, PageControl* pages,
                       bool with_resizes) {
  arena_ = arena;
  pages_ = pages;
  with_resizes_ = with_resizes;
}

size_t RecordStore::BytesOf(const Span& span) const {
  size_t each = sizeof(BlockRecord);
  if (with_resizes_) each += sizeof(ResizeRecord);
  return RoundUp(each * span.slot_count, 64);
}

bool RecordStore::Take(Span* span) {
  size_t size = BytesOf(*span);
  Waiting*& list = waiting_[span->size_class];
  void* memory = list;
  if (list == nullptr) {
    memory = arena_->Take(size);
    if (memory == nullptr) return false;
  } else {
    bool is_zero = list->is_zero;
    list = list->next;
    memset(memory, 0, is_zero ? sizeof(Waiting) : size);
  }
  span->records = static_cast<BlockRecord*>(memory);
  span->resizes = nullptr;
  if (with_resizes_) {
    span->resizes =
        reinterpret_cast<ResizeRecord*>(span->records + span->slot_count);
  }
  return true;
}

// Drops the whole pages of an array and clears the rest. False: not possible.
bool RecordStore::ReturnPages(uintptr_t begin, uintptr_t end) {
  if (pages_ == nullptr) return false;
  size_t page = pages_->page_size();
  uintptr_t first = RoundUp(begin, page);
  uintptr_t last = end & ~(page - 1);
  if (first >= last ||
      !pages_->Discard(reinterpret_cast<void*>(first), last - first)) {
    return false;
  }
  memset(reinterpret_cast<void*>(begin), 0, first - begin);
  memset(reinterpret_cast<void*>(last), 0, end - last);
  return true;
}

void RecordStore::Give(Span* span) {
  Waiting*& list = waiting_[span->size_class];
  size_t count = list == nullptr ? 0 : list->count;
  uintptr_t begin = reinterpret_cast<uintptr_t>(span->records);
  bool is_zero =
      count >= kWarmArrays && ReturnPages(begin, begin + BytesOf(*span));
  // The span keeps its pointer: a thread that looks a stray address up just now
  // may still read there, and finds nonsense, but memory.
  list = new (span->records) Waiting{list, count + 1, is_zero};
}

}  // namespace dbgalloc::heap
