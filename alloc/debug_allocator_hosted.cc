// The constructors that know a system: environment, threads, stacks, reports.
#include <new>

#include "alloc/debug/debug_heap.h"
#include "alloc/debug/protected_metadata.h"
#include "alloc/debug/self_test.h"
#include "alloc/debug/system_host.h"
#include "alloc/report/reporter.h"
#include "dbgalloc/debug_allocator.h"
#include "dbgalloc/page_allocator.h"

namespace dbgalloc {

DebugAllocator::DebugAllocator() : DebugAllocator(SystemPages(), Options()) {}

DebugAllocator::DebugAllocator(const Options& options)
    : DebugAllocator(SystemPages(), options) {}

DebugAllocator::DebugAllocator(Allocator& backing)
    : DebugAllocator(backing, Options()) {}

DebugAllocator::DebugAllocator(Allocator& backing, const Options& options)
    : options_(Options::ForInstance(options)), backing_(backing) {
  static_assert(sizeof(report::OptionsErrorSink) <= kSinkSize);
  sink_ = new (sink_storage_) report::OptionsErrorSink(options_);
  report::GlobalReporter().LoadSuppressions(options_);
  if (options_.self_test) debug::SelfTestOrExit(options_);
  debug::HeapHost host = debug::SystemHost(options_);
  host.metadata = debug::ProtectedMetadata(options_);
  Start(host);
}

}  // namespace dbgalloc
