// Compiled with exceptions (see BUILD): handlers may throw through here.
#include <new>

#include "alloc/interpose/new_failure.h"

namespace dbgalloc::interpose {

void* RetryNewOrThrow(const AllocationRequest& request,
                      const CallerFrame& caller) {
  for (;;) {
    std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
    void* block = Allocate(request, caller);
    if (block != nullptr) return block;
  }
}

void* RetryNewOrNull(const AllocationRequest& request,
                     const CallerFrame& caller) {
  if (std::get_new_handler() == nullptr) return nullptr;
  try {
    return RetryNewOrThrow(request, caller);
  } catch (...) {
    return nullptr;
  }
}

void ThrowBadAlloc() { throw std::bad_alloc(); }

}  // namespace dbgalloc::interpose
