#include "dbgalloc/memory_tracker.h"

namespace dbgalloc {

void* BasicMemoryTracker<true>::AllocateAndTrack(size_t size, size_t alignment,
                                                 const CallSite& site) {
  void* block = inner_.Allocate(size, alignment);
  if (block != nullptr && is_enabled()) blocks_.Add(block, size, site);
  return block;
}

bool BasicMemoryTracker<true>::ResizeAndTrack(void* block, size_t size,
                                              size_t alignment,
                                              size_t new_size) {
  if (!inner_.Resize(block, size, alignment, new_size)) return false;
  TrackedBlock known;
  if (blocks_.Remove(block, &known)) {
    known.size = new_size;
    blocks_.Restore(known);
  }
  return true;
}

// Forgotten before it moves: from then on another thread may be given the old
// address.
void* BasicMemoryTracker<true>::RemapAndTrack(void* block, size_t size,
                                              size_t alignment,
                                              size_t new_size) {
  TrackedBlock known;
  const bool was_known = blocks_.Remove(block, &known);
  void* moved = inner_.Remap(block, size, alignment, new_size);
  if (!was_known) return moved;
  if (moved != nullptr) {
    known.address = moved;
    known.size = new_size;
  }
  blocks_.Restore(known);
  return moved;
}

}  // namespace dbgalloc
