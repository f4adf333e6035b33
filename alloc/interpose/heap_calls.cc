#include "alloc/interpose/heap_calls.h"

#include <string.h>

#include "alloc/base/scoped_no_malloc.h"
#include "alloc/interpose/allocation_observer.h"
#include "alloc/interpose/heap_use.h"
#include "alloc/interpose/induced_failures.h"
#include "alloc/interpose/leak_marks.h"
#include "alloc/interpose/pool_calls.h"
#include "alloc/interpose/system_malloc.h"

namespace dbgalloc::interpose {
namespace {

bool MustUseArena() {
  base::ScopedNoMalloc::AssertMallocAllowedInTests();
  return !base::malloc_gate.IsOpen();
}

// A report is being written on this thread, but no lock of the heap is held.
bool MayEnterHeap() {
  return !base::malloc_gate.Has(base::MallocGate::Count::kInside) &&
         !base::malloc_gate.Has(base::MallocGate::Count::kForbidden);
}

// The block, which is no leak where the thread said so.
void* IgnoredInScope(DebugHeap& heap, void* block) {
  if (base::malloc_gate.Has(base::MallocGate::Count::kLeaksIgnored))
    IgnoreLeak(heap, block);
  return block;
}

void* AllocateInArena(const AllocationRequest& request) {
  void* block = runtime.arena.Allocate(request.size, request.alignment);
  if (block != nullptr && request.zeroed) memset(block, 0, request.size);
  return block;
}

void* AllocateFrom(Stage stage, const AllocationRequest& request,
                   const CallerFrame& caller) {
  switch (stage) {
    case Stage::kUnstarted:
    case Stage::kStarting:
      return AllocateInArena(request);
    case Stage::kSystem:
      return SystemAllocate(request.size, request.alignment, request.zeroed);
    case Stage::kPool:
      return AllocateInPool(request, caller);
    case Stage::kDebug:
      break;
  }
  HeapUse use;
  WatchThisThread();
  DebugHeap& heap = *runtime.heap.load(std::memory_order_acquire);
  return IgnoredInScope(heap, heap.Allocate(request, caller));
}

// What succeeds has an index; see fail_gate.h.
void* AllocateCounted(Stage stage, const AllocationRequest& request,
                      const CallerFrame& caller) {
  if (induced_failures.RefusesAllocation(request, caller)) return nullptr;
  void* block = AllocateFrom(stage, request, caller);
  if (block == nullptr) induced_failures.GiveBackAllocation(caller);
  return block;
}

// A new block of `size` bytes with what fits of the old block's contents.
void* CopyToNewBlock(const void* old_block, size_t old_size, size_t size,
                     const CallerFrame& caller) {
  AllocationRequest request;
  request.size = size;
  request.origin = Origin::kMalloc;
  void* block = Allocate(request, caller);
  if (block == nullptr) return nullptr;
  memcpy(block, old_block, old_size < size ? old_size : size);
  return block;
}

void* ReallocateInArena(void* block, size_t size, const CallerFrame& caller) {
  size_t old_size = runtime.arena.UsableSize(block);
  void* moved = CopyToNewBlock(block, old_size, size, caller);
  if (moved != nullptr) runtime.arena.Free(block);
  return moved;
}

// The heap cannot be entered: the new block comes from the arena, the old one
// is freed when the heap can be entered again.
void* ReallocateSlowly(DebugHeap& heap, void* block, size_t size,
                       const CallerFrame& caller) {
  base::ScopedNoMalloc::AssertMallocAllowedInTests();
  FreeClaim claim;
  claim.origin = Origin::kMalloc;
  claim.operation = Operation::kRemap;
  size_t old_size = heap.UsableSize(block, caller);
  void* moved = CopyToNewBlock(block, old_size, size, caller);
  if (moved == nullptr) return nullptr;
  FreeSlowly(block, claim, caller);
  return moved;
}

void* ReallocateElsewhere(void* block, size_t size, const CallerFrame& caller) {
  Stage stage = Start();
  if (stage == Stage::kSystem) return SystemReallocate(block, size);
  if (stage != Stage::kPool) return nullptr;
  if (MayEnterHeap()) return ReallocateInPool(block, size, caller);
  size_t old_size = UsableSizeInPool(block, caller);
  void* moved = CopyToNewBlock(block, old_size, size, caller);
  FreeClaim claim;
  claim.origin = Origin::kMalloc;
  if (moved != nullptr) DeferFree(block, claim);
  return moved;
}

void* ReallocateUncounted(void* block, size_t size, const CallerFrame& caller) {
  if (__builtin_expect(runtime.arena.Owns(block), 0)) {
    return ReallocateInArena(block, size, caller);
  }
  DebugHeap* heap = runtime.heap.load(std::memory_order_acquire);
  if (__builtin_expect(heap == nullptr, 0)) {
    return ReallocateElsewhere(block, size, caller);
  }
  if (!MayEnterHeap()) return ReallocateSlowly(*heap, block, size, caller);
  AllocationRequest request;
  request.size = size;
  request.origin = Origin::kMalloc;
  FreeClaim claim;
  claim.origin = Origin::kMalloc;
  claim.operation = Operation::kRemap;
  HeapUse use;
  WatchThisThread();
  return IgnoredInScope(*heap, heap->Reallocate(block, request, claim, caller));
}

void* ReallocateCounted(void* block, size_t size, const CallerFrame& caller) {
  if (!induced_failures.counting() || !MayEnterHeap()) {
    return ReallocateUncounted(block, size, caller);
  }
  if (induced_failures.RefusesResize(block, size, caller)) return nullptr;
  void* moved = ReallocateUncounted(block, size, caller);
  if (moved == nullptr) induced_failures.GiveBackResize(caller);
  return moved;
}

void FreeInHeap(void* block, const FreeClaim& claim,
                const CallerFrame& caller) {
  runtime.heap.load(std::memory_order_acquire)->Free(block, claim, caller);
}

}  // namespace

void FreeDeferredInHeap(const CallerFrame& caller) {
  FreeDeferred(&FreeInHeap, caller);
}

void* AllocateSlowly(AllocationRequest request, CallerFrame caller) {
  if (MustUseArena()) return AllocateInArena(request);
  const Stage stage = Start();
  void* block = induced_failures.counting()
                    ? AllocateCounted(stage, request, caller)
                    : AllocateFrom(stage, request, caller);
  if (IsObserved() && block != nullptr) TellAllocated(block, request.size);
  return block;
}

void FreeSlowly(void* block, FreeClaim claim, CallerFrame caller) {
  if (runtime.arena.Owns(block)) {
    runtime.arena.Free(block);
    return;
  }
  Stage stage = Start();
  if (IsObserved()) TellFreed(block);
  if (stage == Stage::kSystem) {
    SystemFree(block);
    return;
  }
  if (stage == Stage::kPool) {
    FreeInPool(block, claim, caller);
    return;
  }
  DebugHeap* heap = runtime.heap.load(std::memory_order_acquire);
  // A block from before our start, or while another thread starts: nobody that
  // we know gave it out.
  if (heap == nullptr) return;
  if (!MayEnterHeap()) {
    base::ScopedNoMalloc::AssertMallocAllowedInTests();
    DeferFree(block, claim);
    return;
  }
  HeapUse use;
  WatchThisThread();
  heap->Free(block, claim, caller);
  FreeDeferredIfAny(caller);
}

void* Reallocate(void* block, size_t size, const CallerFrame& caller) {
  if (IsObserved() && MayEnterHeap()) {
    const size_t old_size = KnownSize(block);
    void* moved = ReallocateCounted(block, size, caller);
    if (moved != nullptr) TellResized(block, old_size, moved, size);
    return moved;
  }
  return ReallocateCounted(block, size, caller);
}

size_t UsableSize(void* block, const CallerFrame& caller) {
  if (runtime.arena.Owns(block)) return runtime.arena.UsableSize(block);
  DebugHeap* heap = runtime.heap.load(std::memory_order_acquire);
  if (heap == nullptr) {
    Stage stage = Start();
    if (stage == Stage::kPool) return UsableSizeInPool(block, caller);
    return stage == Stage::kSystem ? SystemUsableSize(block) : 0;
  }
  HeapUse use;
  return heap->UsableSize(block, caller);
}

}  // namespace dbgalloc::interpose
