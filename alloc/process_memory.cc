#include "dbgalloc/process_memory.h"

#include <atomic>
#include <new>

#include "alloc/base/spin_lock.h"
#include "dbgalloc/memory_tracker.h"
#include "dbgalloc/pool_allocator.h"

namespace dbgalloc {
namespace {

constinit std::atomic<Allocator*> chosen{nullptr};
constinit std::atomic<uint64_t> live_blocks{0};
constinit std::atomic<uint64_t> live_bytes{0};

// Passes on to whatever is chosen, so that one tracker serves all.
class ChosenAllocator final : public Allocator {
 public:
  void* Allocate(size_t size, size_t alignment) override {
    return ProcessAllocator().Allocate(size, alignment);
  }
  bool Resize(void* block, size_t size, size_t alignment,
              size_t new_size) override {
    return ProcessAllocator().Resize(block, size, alignment, new_size);
  }
  void* Remap(void* block, size_t size, size_t alignment,
              size_t new_size) override {
    return ProcessAllocator().Remap(block, size, alignment, new_size);
  }
  void Deallocate(void* block, size_t size, size_t alignment) override {
    ProcessAllocator().Deallocate(block, size, alignment);
  }
};

// Made at first use and never destroyed: static destructors may still release.
struct State {
  PoolAllocator pool;
  ChosenAllocator chosen_allocator;
  MemoryTracker tracker{chosen_allocator};
};

alignas(State) unsigned char state_storage[sizeof(State)];
constinit std::atomic<State*> state{nullptr};
constinit base::SpinLock state_lock;

State& TheState() {
  State* made = state.load(std::memory_order_acquire);
  if (__builtin_expect(made != nullptr, 1)) return *made;
  base::SpinLockHolder holder(state_lock);
  made = state.load(std::memory_order_acquire);
  if (made != nullptr) return *made;
  made = new (state_storage) State;
  state.store(made, std::memory_order_release);
  return *made;
}

MemoryTracker& Tracker() { return TheState().tracker; }

}  // namespace

Allocator& ProcessAllocator() {
  Allocator* allocator = chosen.load(std::memory_order_acquire);
  if (allocator != nullptr) return *allocator;
  return TheState().pool;
}

bool SetProcessAllocator(Allocator* allocator) {
  if (live_blocks.load() != 0) return false;
  chosen.store(allocator, std::memory_order_release);
  return true;
}

void* TryAllocateMemory(size_t size, size_t alignment, CallSite site) {
  if (alignment == 0 || (alignment & (alignment - 1)) != 0) return nullptr;
  if (size == 0) size = 1;
  void* block = Tracker().Allocate(size, alignment, site);
  if (block == nullptr) return nullptr;
  live_blocks.fetch_add(1, std::memory_order_relaxed);
  live_bytes.fetch_add(size, std::memory_order_relaxed);
  return block;
}

void ReleaseMemory(void* block, size_t size, size_t alignment) {
  if (block == nullptr) return;
  if (size == 0) size = 1;
  live_blocks.fetch_sub(1, std::memory_order_relaxed);
  live_bytes.fetch_sub(size, std::memory_order_relaxed);
  Tracker().Deallocate(block, size, alignment);
}

void EnableLeakDetection() { Tracker().Enable(); }
void DisableLeakDetection() { Tracker().Disable(); }
bool LeakDetectionIsEnabled() { return Tracker().is_enabled(); }

size_t ReportProcessLeaks(ReportDetail detail, int descriptor) {
  return LeakReporter(Tracker(), ReportWhen::kOnRequest, detail, descriptor)
      .Report();
}

ProcessMemoryUsage CurrentProcessMemoryUsage() {
  ProcessMemoryUsage usage;
  usage.blocks = live_blocks.load(std::memory_order_relaxed);
  usage.bytes = live_bytes.load(std::memory_order_relaxed);
  return usage;
}

}  // namespace dbgalloc
