// Chunks in the order in which they came; a plain intrusive list.
#ifndef DBGALLOC_ALLOC_HEAP_CHUNK_LIST_H_
#define DBGALLOC_ALLOC_HEAP_CHUNK_LIST_H_

#include "alloc/heap/span.h"

namespace dbgalloc::heap {

// Not thread-safe. Constant time an operation; a chunk is in one list at most.
class ChunkList {
 public:
  bool empty() const { return first_ == nullptr; }
  Chunk* first() const { return first_; }

  void Append(Chunk* chunk) {
    chunk->next = nullptr;
    chunk->previous = last_;
    (last_ == nullptr ? first_ : last_->next) = chunk;
    last_ = chunk;
  }

  void Remove(Chunk* chunk) {
    (chunk->previous == nullptr ? first_ : chunk->previous->next) = chunk->next;
    (chunk->next == nullptr ? last_ : chunk->next->previous) = chunk->previous;
  }

  // The first one, taken out; null: the list is empty.
  Chunk* TakeFirst() {
    Chunk* chunk = first_;
    if (chunk != nullptr) Remove(chunk);
    return chunk;
  }

 private:
  Chunk* first_ = nullptr;
  Chunk* last_ = nullptr;
};

}  // namespace dbgalloc::heap

#endif  // DBGALLOC_ALLOC_HEAP_CHUNK_LIST_H_
