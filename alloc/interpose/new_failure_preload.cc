#include <dlfcn.h>

#include "alloc/interpose/new_failure.h"
#include "alloc/interpose/note.h"
#include "alloc/os/raw_io.h"

namespace dbgalloc::interpose {
namespace {

using NewHandler = void (*)();
using GetNewHandler = NewHandler (*)();
using NothrowNew = void* (*)(size_t size, const void* nothrow);
using AlignedNothrowNew = void* (*)(size_t size, size_t alignment,
                                    const void* nothrow);

// std::get_new_handler() and std::__throw_bad_alloc(), called so in libstdc++
// and libc++ alike.
constexpr char kGetNewHandler[] = "_ZSt15get_new_handlerv";
constexpr char kThrowBadAlloc[] = "_ZSt17__throw_bad_allocv";

// A function of the program's C++ runtime: among what the program was started
// with, else in a runtime that came with a library loaded later.
void* FindInRuntime(const char* symbol) {
  void* found = dlsym(RTLD_NEXT, symbol);
  if (found != nullptr) return found;
  for (const char* library : {"libstdc++.so.6", "libc++.so.1"}) {
    void* handle = dlopen(library, RTLD_LAZY | RTLD_NOLOAD);
    if (handle == nullptr) continue;
    found = dlsym(handle, symbol);
    dlclose(handle);
    if (found != nullptr) return found;
  }
  return nullptr;
}

NewHandler CurrentNewHandler() {
  void* function = FindInRuntime(kGetNewHandler);
  if (function == nullptr) return nullptr;
  return reinterpret_cast<GetNewHandler>(function)();
}

}  // namespace

void* RetryNewOrThrow(const AllocationRequest& request,
                      const CallerFrame& caller) {
  for (;;) {
    NewHandler handler = CurrentNewHandler();
    if (handler == nullptr) ThrowBadAlloc();
    handler();
    void* block = Allocate(request, caller);
    if (block != nullptr) return block;
  }
}

// The runtime's own nothrow form calls the throwing one, which is ours, and
// catches what it throws.
void* RetryNewOrNull(const AllocationRequest& request,
                     const CallerFrame& caller) {
  if (CurrentNewHandler() == nullptr) return nullptr;
  static_cast<void>(caller);
  bool is_array = request.origin == Origin::kNewArray;
  static constexpr char kNothrow = 0;
  if (request.alignment == 0) {
    void* function =
        FindInRuntime(is_array ? "_ZnamRKSt9nothrow_t" : "_ZnwmRKSt9nothrow_t");
    if (function == nullptr) return nullptr;
    return reinterpret_cast<NothrowNew>(function)(request.size, &kNothrow);
  }
  void* function =
      FindInRuntime(is_array ? "_ZnamSt11align_val_tRKSt9nothrow_t"
                             : "_ZnwmSt11align_val_tRKSt9nothrow_t");
  if (function == nullptr) return nullptr;
  return reinterpret_cast<AlignedNothrowNew>(function)(
      request.size, request.alignment, &kNothrow);
}

void ThrowBadAlloc() {
  void* function = FindInRuntime(kThrowBadAlloc);
  if (function != nullptr) reinterpret_cast<void (*)()>(function)();
  WriteNote("operator new failed, and no C++ runtime was found to throw");
  os::AbortNow();
}

}  // namespace dbgalloc::interpose
