#include "alloc/report/program_hooks.h"

#include <atomic>

#include "alloc/os/weak_reference.h"
#include "dbgalloc/c_api.h"

// The program's definition must be found from a shared library that holds this
// file, so the reference is visible.
extern "C" DBGALLOC_WEAK_REFERENCE void __dbgalloc_on_error();

namespace dbgalloc::report {
namespace {

constinit std::atomic<ErrorCallback> error_callback{nullptr};

}  // namespace

ErrorCallback RegisteredErrorCallback() {
  return error_callback.load(std::memory_order_acquire);
}

ErrorHook DefinedErrorHook() { return &__dbgalloc_on_error; }

}  // namespace dbgalloc::report

// Here, and not with the rest of the C interface, since the classes report
// where malloc is not replaced.
extern "C" __attribute__((visibility("default"))) void
dbgalloc_set_error_callback(void (*callback)(const char* report)) {
  dbgalloc::report::error_callback.store(callback, std::memory_order_release);
}
