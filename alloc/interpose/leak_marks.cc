#include "alloc/interpose/leak_marks.h"

#include "alloc/base/state_shield.h"
#include "alloc/heap/heap.h"

namespace dbgalloc::interpose {

void IgnoreLeak(debug::DebugHeap& heap, const void* address) {
  const heap::BlockRef block =
      heap.blocks().Find(reinterpret_cast<uintptr_t>(address));
  base::ScopedOpenState open;
  if (block) block.record->AddLeakMark(heap::kLeakIgnored);
}

}  // namespace dbgalloc::interpose
