#include "alloc/interpose/allocation_observer.h"

#include "alloc/base/malloc_gate.h"
#include "alloc/interpose/heap_use.h"
#include "alloc/interpose/runtime.h"
#include "alloc/interpose/system_malloc.h"
#include "alloc/os/errno_keeper.h"
#include "alloc/report/reporter.h"

#define DBGALLOC_ENTRY extern "C" [[gnu::visibility("default"), gnu::noinline]]

namespace dbgalloc::interpose {

constinit std::atomic<Observer> allocation_observer{nullptr};

namespace {

// The live block that starts there; unknown for anything else, and where the C
// library serves.
BlockDescription LiveBlockAt(const void* block) {
  const debug::DebugHeap* heap = runtime.heap.load(std::memory_order_acquire);
  pool::PoolHeap* pool = runtime.pool.load(std::memory_order_acquire);
  if (heap == nullptr && pool == nullptr) return {};
  HeapUse use;
  const auto address = reinterpret_cast<uintptr_t>(block);
  const BlockDescription known =
      heap != nullptr ? heap->Describe(address) : pool->Describe(address);
  const bool starts_here = known.known && known.live && known.begin == address;
  return starts_here ? known : BlockDescription();
}

bool IsServedBySystem() {
  return runtime.stage.load(std::memory_order_acquire) == Stage::kSystem;
}

void Tell(const struct dbgalloc_operation& operation) {
  const Observer observer = allocation_observer.load(std::memory_order_acquire);
  if (observer == nullptr) return;
  os::ErrnoKeeper keeper;
  base::ScopedArenaMalloc arena_malloc;
  observer(&operation);
}

}  // namespace

size_t KnownSize(const void* block) {
  if (IsServedBySystem()) return SystemUsableSize(const_cast<void*>(block));
  return static_cast<size_t>(LiveBlockAt(block).size);
}

void TellAllocated(const void* block, size_t size) {
  if (IsServedBySystem()) size = KnownSize(block);
  Tell({DBGALLOC_ALLOCATED, LiveBlockAt(block).allocated.stack, block, size,
        nullptr, 0});
}

void TellFreed(const void* block) {
  const BlockDescription known = LiveBlockAt(block);
  if (!known.known && !IsServedBySystem()) return;
  Tell({DBGALLOC_FREED, known.allocated.stack, block, KnownSize(block), nullptr,
        0});
}

void TellResized(const void* old_block, size_t old_size, const void* block,
                 size_t size) {
  if (IsServedBySystem()) size = KnownSize(block);
  Tell({DBGALLOC_RESIZED, LiveBlockAt(block).allocated.stack, block, size,
        old_block, old_size});
}

}  // namespace dbgalloc::interpose

using dbgalloc::interpose::allocation_observer;

DBGALLOC_ENTRY int dbgalloc_set_observer(
    void (*observer)(const struct dbgalloc_operation* operation)) {
  dbgalloc::interpose::Start();
  const bool was_set = allocation_observer.exchange(observer) != nullptr;
  if (observer != nullptr && !was_set) dbgalloc::interpose::LookAtEachCall();
  if (observer == nullptr && was_set) dbgalloc::interpose::StopLooking();
  return 0;
}

DBGALLOC_ENTRY size_t dbgalloc_format_stack(uint32_t stack, char* buffer,
                                            size_t capacity) {
  return dbgalloc::report::GlobalReporter().FormatStack(stack, buffer,
                                                        capacity);
}
