#include "alloc/interpose/deferred_free.h"

#include <new>

#include "alloc/interpose/runtime.h"

namespace dbgalloc::interpose {

// Lives in the bootstrap arena.
struct DeferredFree {
  DeferredFree* next;
  void* block;
  debug::FreeClaim claim;
};

void DeferFree(void* block, const debug::FreeClaim& claim) {
  void* memory = runtime.arena.Allocate(sizeof(DeferredFree), 0);
  if (memory == nullptr) return;
  runtime.deferred_frees.Push(new (memory) DeferredFree{nullptr, block, claim});
}

void FreeDeferred(void (*free_one)(void* block, const debug::FreeClaim& claim,
                                   const debug::CallerFrame& caller),
                  const debug::CallerFrame& caller) {
  // The whole list changes hands at once, so no entry is seen twice.
  DeferredFree* entry = runtime.deferred_frees.TakeAll();
  while (entry != nullptr) {
    DeferredFree* next = entry->next;
    free_one(entry->block, entry->claim, caller);
    runtime.arena.Free(entry);
    entry = next;
  }
}

}  // namespace dbgalloc::interpose
