// Spans of guarded slots: carved from chunks that are closed as a whole.
#include "alloc/heap/span_store.h"

namespace dbgalloc::heap {

// A chunk for guarded spans; all of it is inaccessible from the start.
Chunk* SpanStore::ClosedChunkWithRoom() {
  Chunk* before = guarded_filling_;
  Chunk* chunk = ChunkWithRoom(guarded_filling_);
  if (chunk == nullptr || chunk == before) return chunk;
  if (pages_->Close(reinterpret_cast<void*>(chunk->begin), chunk->size)) {
    return chunk;
  }
  guarded_filling_ = nullptr;
  chunks_.Remove(chunk);
  ReturnChunk(chunk);
  return nullptr;
}

Span* SpanStore::NewGuarded(size_t data_pages) {
  if (pages_ == nullptr) return nullptr;
  base::SpinLockHolder holder(lock_);
  Chunk* chunk = ClosedChunkWithRoom();
  if (chunk == nullptr) return nullptr;
  return Carve(chunk, &LayOutGuarded, data_pages, page_size_);
}

}  // namespace dbgalloc::heap
