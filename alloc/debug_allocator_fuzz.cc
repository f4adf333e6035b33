// The fuzz target: every input is a life of a debug allocator.
#include <cstddef>
#include <cstdint>

#include "alloc/debug_allocator_model.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  dbgalloc::testing_support::PlayOneLife(data, size);
  return 0;
}
