#include "alloc/stack/stack_memory.h"

#include "alloc/os/memory_probe.h"
#include "alloc/os/pages.h"

namespace dbgalloc::stack {
namespace {

// A frame larger than this many pages on a stack of unknown size is taken for
// a damaged stack, and so is a walk longer than that.
constexpr uintptr_t kMaxPagesPerStep = 64;
constexpr uintptr_t kMaxPagesPerWalk = 1024;

}  // namespace

bool StackMemory::IsThere(uintptr_t stack_pointer) {
  return os::IsReadable(stack_pointer);
}

uintptr_t StackMemory::PageBegin(uintptr_t address) {
  return address & ~(os::PageSize() - 1);
}

uintptr_t StackMemory::PageEnd(uintptr_t address) {
  return (address | (os::PageSize() - 1)) + 1;
}

StackWindow StackMemory::Extended(StackWindow window, uintptr_t address) {
  const uintptr_t page_size = os::PageSize();
  const uintptr_t high = window.high();
  if (address % sizeof(uintptr_t) != 0 || address < high) return window;
  if (address - high >= kMaxPagesPerStep * page_size) return window;
  if (address - window.low >= kMaxPagesPerWalk * page_size) return window;
  uintptr_t end = high;
  while (end <= address) {
    if (!os::IsReadable(end)) return window;
    end += page_size;
  }
  window.words = (end - window.low) / sizeof(uintptr_t);
  return window;
}

}  // namespace dbgalloc::stack
