#include <dlfcn.h>

#include <atomic>

#include "alloc/base/malloc_gate.h"
#include "alloc/interpose/system_malloc.h"

// Weak: a fully static program has none of these.
extern "C" {
[[gnu::weak]] void* __libc_malloc(size_t size);
[[gnu::weak]] void* __libc_calloc(size_t count, size_t size);
[[gnu::weak]] void* __libc_memalign(size_t alignment, size_t size);
[[gnu::weak]] void* __libc_realloc(void* block, size_t size);
[[gnu::weak]] void __libc_free(void* block);
}

namespace dbgalloc::interpose {
namespace {

using UsableSizeFunction = size_t (*)(void*);

constinit std::atomic<UsableSizeFunction> usable_size{nullptr};

}  // namespace

bool SystemMallocIsAvailable() { return &__libc_malloc != nullptr; }

void* SystemAllocate(size_t size, size_t alignment, bool zeroed) {
  if (alignment > alignof(std::max_align_t)) {
    return __libc_memalign(alignment, size);
  }
  return zeroed ? __libc_calloc(1, size) : __libc_malloc(size);
}

void* SystemReallocate(void* block, size_t size) {
  return __libc_realloc(block, size);
}

void SystemFree(void* block) { __libc_free(block); }

size_t SystemUsableSize(void* block) {
  UsableSizeFunction function = usable_size.load(std::memory_order_relaxed);
  if (function == nullptr) {
    function = reinterpret_cast<UsableSizeFunction>(
        SystemFunction("malloc_usable_size"));
    if (function == nullptr) return 0;
    usable_size.store(function, std::memory_order_relaxed);
  }
  return function(block);
}

void* SystemFunction(const char* name) {
  base::ScopedInsideHeap inside;  // dlsym may allocate
  return dlsym(RTLD_NEXT, name);
}

}  // namespace dbgalloc::interpose
