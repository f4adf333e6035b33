// A program that never allocates still gets its options checked; and the fork
// handlers are registered before those of libraries that do not allocate in
// their constructors.
#include "alloc/interpose/runtime.h"

namespace dbgalloc::interpose {
namespace {

[[gnu::constructor(101)]] void StartAtLoad() {
  runtime.constructors_run.store(true, std::memory_order_relaxed);
  Start();
}

}  // namespace
}  // namespace dbgalloc::interpose
