// The function that stands behind one of ours of the same name: the C
// library's, or another preloaded library's.
#ifndef DBGALLOC_ALLOC_OS_NEXT_FUNCTION_LINUX_H_
#define DBGALLOC_ALLOC_OS_NEXT_FUNCTION_LINUX_H_

#include <dlfcn.h>

#include <atomic>

#include "alloc/os/env.h"

namespace dbgalloc::os {

// Looked up once.
template <typename Function>
class NextFunction {
 public:
  // `instead` serves in a static program, which can look up nothing.
  constexpr NextFunction(const char* name, Function* instead)
      : name_(name), instead_(instead) {}

  Function* Get() {
    Function* function = function_.load(std::memory_order_relaxed);
    if (__builtin_expect(function == nullptr, 0)) {
      function = LookUp();
      function_.store(function, std::memory_order_relaxed);
    }
    return function;
  }

 private:
  Function* LookUp() const {
    void* found = HasDynamicLinker() ? dlsym(RTLD_NEXT, name_) : nullptr;
    return found == nullptr ? instead_ : reinterpret_cast<Function*>(found);
  }

  const char* name_;
  Function* instead_;
  std::atomic<Function*> function_{nullptr};
};

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_NEXT_FUNCTION_LINUX_H_
