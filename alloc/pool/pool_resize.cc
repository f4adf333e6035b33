// Changing a block's size: in place, by moving pages, by copying at last.
#include <string.h>

#include "alloc/os/pages.h"
#include "alloc/pool/pool_heap.h"

namespace dbgalloc::pool {
namespace {

size_t Smaller(size_t a, size_t b) { return a < b ? a : b; }

void* PointerTo(uintptr_t address) { return reinterpret_cast<void*>(address); }

}  // namespace

bool PoolHeap::ResizeSmall(uintptr_t block, SizeClass size_class,
                           size_t new_size, const PoolClaim& claim,
                           const CallerFrame& caller) {
  BlockState* state_word = StateOf(block, size_class);
  BlockState state = LoadState(state_word);
  if (!IsLiveBlock(block, state)) {
    ReportBadPointer(block, claim, caller);
    return false;
  }
  bool size_is_right =
      SmallSizeHolds(size_class, state, claim) && NotedSizeHolds(block, claim);
  if (!ClaimHolds(block, DescribeSmall(block, size_class), state, size_is_right,
                  claim, caller)) {
    return false;
  }
  size_t capacity = ClassSize(size_class);
  if (new_size > capacity) return false;
  bool is_malloc = MayFree(Maker::kMalloc, MakerOf(state));
  bool stays = ClassOf(new_size, claim.alignment) == size_class;
  if (!stays && !(is_malloc && new_size > capacity / 2)) return false;
  StoreState(state_word, LiveState(new_size, MakerOf(state)) | PlaceOf(block));
  NoteSize(block, new_size);
  return true;
}

bool PoolHeap::ResizeMedium(ThreadCache& cache, uintptr_t address,
                            size_t new_size, const PoolClaim& claim,
                            const CallerFrame& caller) {
  MediumBlock& block = medium_.Find(address)->BlockAt(address);
  uint8_t state = block.state.load(std::memory_order_acquire);
  if (address % kMinMediumSize != 0 || !IsLive(state)) {
    ReportBadPointer(address, claim, caller);
    return false;
  }
  bool size_is_right = !claim.size_stated || claim.size == block.size;
  if (!ClaimHolds(address, DescribeMedium(address), state, size_is_right, claim,
                  caller)) {
    return false;
  }
  // Small sizes belong to the small tier; the block may not turn into one.
  if (new_size > OrderSize(block.order) || new_size <= kMaxSmallSize) {
    return false;
  }
  unsigned order = block.order;
  unsigned new_order = OrderOf(new_size);
  block.size = new_size;
  NoteSize(address, new_size);
  block.state.store(LiveState(new_size, MakerOf(state)),
                    std::memory_order_release);
  if (new_order < order) {
    block.order = static_cast<uint8_t>(new_order);
    cache.CountersOf(Tier::kMedium)
        .CountShrinking(OrderSize(order) - OrderSize(new_order));
    medium_.Shrink(address, order, new_order);
  }
  return true;
}

// Growth beyond the order: the pages move to a larger run.
uintptr_t PoolHeap::RemapMedium(ThreadCache& cache, uintptr_t address,
                                const PoolRequest& request) {
  if (request.size <= kMaxSmallSize || IsDirect(request)) return 0;
  MediumBlock& old_block = medium_.Find(address)->BlockAt(address);
  void* moved = AllocateMedium(cache, request);
  if (moved == nullptr) return 0;
  uintptr_t to = reinterpret_cast<uintptr_t>(moved);
  size_t kept = RoundUpToPages(Smaller(old_block.size, request.size));
  if (!os::MoveContents(PointerTo(address), moved, kept)) {
    memcpy(moved, PointerTo(address), Smaller(old_block.size, request.size));
  }
  unsigned order = old_block.order;
  old_block.state.store(0, std::memory_order_release);
  cache.CountersOf(Tier::kMedium).CountFree(OrderSize(order));
  medium_.GiveBack(address, order);
  return to;
}

// 0: refused.
uintptr_t PoolHeap::ResizeMapping(ThreadCache& cache, uintptr_t address,
                                  size_t new_size, const PoolClaim& claim,
                                  const CallerFrame& caller, bool may_move) {
  Mapping known = mappings_.FindAt(address);
  if (known.begin == 0) {
    ReportBadPointer(address, claim, caller);
    return 0;
  }
  bool size_is_right = !claim.size_stated || claim.size == known.size;
  if (!ClaimHolds(address, DescribeMapping(address), known.state, size_is_right,
                  claim, caller)) {
    return 0;
  }
  PoolRequest request;
  request.size = new_size;
  request.alignment = known.alignment;
  if (!IsDirect(request)) return 0;
  Mapping mapping = mappings_.Remove(address);
  if (mapping.begin == 0) return 0;
  Mapping resized = mappings_.Resize(mapping, new_size, may_move);
  if (resized.begin == 0) return 0;
  cache.CountersOf(TierOfMapping(mapping.mapped)).CountFree(mapping.mapped);
  cache.CountersOf(TierOfMapping(resized.mapped))
      .CountAllocation(resized.mapped);
  NoteSize(resized.begin, new_size);
  return resized.begin;
}

bool PoolHeap::Resize(ThreadCache& cache, void* pointer, size_t new_size,
                      const PoolClaim& claim, const CallerFrame& caller) {
  uintptr_t block = reinterpret_cast<uintptr_t>(pointer);
  UnitKind kind = units_.Find(block);
  if (IsSmall(kind)) return ResizeSmall(block, kind, new_size, claim, caller);
  if (kind == kMediumRegion) {
    return ResizeMedium(cache, block, new_size, claim, caller);
  }
  if (kind == kMapping) {
    return ResizeMapping(cache, block, new_size, claim, caller, false) != 0;
  }
  ReportBadPointer(block, claim, caller);
  return false;
}

void* PoolHeap::Remap(ThreadCache& cache, void* pointer,
                      const PoolRequest& request, const PoolClaim& claim,
                      const CallerFrame& caller) {
  uintptr_t block = reinterpret_cast<uintptr_t>(pointer);
  UnitKind kind = units_.Find(block);
  if (kind == kMapping) {
    return PointerTo(
        ResizeMapping(cache, block, request.size, claim, caller, true));
  }
  if (Resize(cache, pointer, request.size, claim, caller)) return pointer;
  if (kind != kMediumRegion) return nullptr;
  return PointerTo(RemapMedium(cache, block, request));
}

void* PoolHeap::Reallocate(ThreadCache& cache, void* pointer,
                           const PoolRequest& request, const PoolClaim& claim,
                           const CallerFrame& caller) {
  uint64_t errors_before = errors_.load(std::memory_order_relaxed);
  void* moved = Remap(cache, pointer, request, claim, caller);
  if (moved != nullptr) return moved;
  if (errors_.load(std::memory_order_relaxed) != errors_before) return nullptr;
  size_t old_size = UsableSize(pointer, caller);
  if (old_size == 0) return nullptr;
  moved = Allocate(cache, request, caller);
  if (moved == nullptr) return nullptr;
  memcpy(moved, pointer, Smaller(old_size, request.size));
  Free(cache, pointer, claim, caller);
  return moved;
}

}  // namespace dbgalloc::pool
