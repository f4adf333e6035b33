// dlclose, and then the word to the unwinder that code has gone: other code may
// be loaded at its addresses.
#include <dlfcn.h>

#include <atomic>

#include "alloc/stack/modules.h"
#include "alloc/stack/unwind.h"

namespace dbgalloc::interpose {
namespace {

using CloseFunction = int (*)(void*);

constinit std::atomic<CloseFunction> next_close{nullptr};

CloseFunction NextClose() {
  CloseFunction close = next_close.load(std::memory_order_relaxed);
  if (close == nullptr) {
    close = reinterpret_cast<CloseFunction>(dlsym(RTLD_NEXT, "dlclose"));
    next_close.store(close, std::memory_order_relaxed);
  }
  return close;
}

}  // namespace
}  // namespace dbgalloc::interpose

extern "C" [[gnu::visibility("default")]] int dlclose(void* handle) noexcept {
  dbgalloc::interpose::CloseFunction close = dbgalloc::interpose::NextClose();
  if (close == nullptr) return -1;
  // Stacks that go through the library keep its name.
  dbgalloc::stack::NoteLoadedModules();
  int result = close(handle);
  dbgalloc::stack::InvalidateUnwindCache();
  return result;
}
