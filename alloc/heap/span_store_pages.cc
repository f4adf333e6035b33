// What becomes of the pages of freed memory: back to the system, or on to newer
// spans.
#include "alloc/heap/span_store.h"

namespace dbgalloc::heap {
namespace {

// Spans that wait with pages from older ones.
constexpr uint32_t kMostWarmSpans = 4;
// A moved span or chunk is a mapping of its own until its chunk is retired; the
// kernel allows some 65,000 mappings in all.
constexpr size_t kMostMoved = 4096;

uint32_t Mask(size_t bits) {
  return bits >= 32 ? UINT32_MAX : (uint32_t{1} << bits) - 1;
}

}  // namespace

void SpanStore::ReleaseGranules(Span* span, uint32_t granules) {
  if (pages_ == nullptr) return;
  size_t granule = granule_size(*span);
  uintptr_t begin = span->begin.load(std::memory_order_relaxed);
  while (granules != 0) {
    unsigned first = static_cast<unsigned>(__builtin_ctz(granules));
    unsigned count = first;
    while (count < 32 && (granules >> count & 1) != 0) ++count;
    count -= first;
    pages_->Retire(reinterpret_cast<void*>(begin + first * granule),
                   count * granule);
    granules &= ~(Mask(count) << first);
  }
}

bool SpanStore::PassPagesOn(Span* span) {
  if (pages_ == nullptr || !span->is_small) return false;
  base::SpinLockHolder holder(lock_);
  Chunk* chunk = filling_;
  if (chunk == nullptr || chunk->warm == kMostWarmSpans ||
      chunk->carved + chunk->warm == chunk->span_count ||
      moved_ == kMostMoved) {
    return false;
  }
  size_t size = config_.span_size;
  void* from =
      reinterpret_cast<void*>(span->begin.load(std::memory_order_relaxed));
  void* to = reinterpret_cast<void*>(chunk->begin +
                                     (chunk->carved + chunk->warm) * size);
  if (!pages_->Move(from, to, size)) return false;
  pages_->Retire(from, size);
  ++chunk->warm;
  ++chunk->moved;
  ++moved_;
  return true;
}

bool SpanStore::PassChunkOn(Chunk* chunk) {
  if (pages_ == nullptr) return false;
  base::SpinLockHolder holder(lock_);
  if (warm_ != nullptr || moved_ == kMostMoved) return false;
  Chunk* next = NewSmallChunk();
  if (next == nullptr) return false;
  if (!pages_->Move(reinterpret_cast<void*>(chunk->begin),
                    reinterpret_cast<void*>(next->begin), chunk->size)) {
    chunks_.Remove(next);
    ReturnChunk(next);
    return false;
  }
  next->warm = next->span_count;
  next->moved = 1;
  ++moved_;
  warm_ = next;
  return true;
}

}  // namespace dbgalloc::heap
